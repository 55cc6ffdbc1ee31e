/** Blind reviews: nothing tells the second examiner what the first concluded, and a disagreement stays. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import type { Review } from '#contract/review.ts';
import { BundleService } from '#features/bundles/bundle.service.ts';
import { ReviewService } from '#features/reviews/review.service.ts';
import { SettingsService } from '#features/settings/settings.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { createApp } from '#hosts/create-app.ts';
import { programVersion, trainerEntry } from '#hosts/program-files.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { setUpEvidence, writePictures } from '../evidence/evidence-set-up.ts';

async function setUp() {
  const services = await setUpEvidence();
  const { workspace, cases, takeIn, items } = services;
  const reviews = new ReviewService({ workspace, cases });
  const settings = new SettingsService(workspace);
  const { id: caseId } = await cases.create({ name: 'Doe' });
  await takeIn(await writePictures(temporaryFolder(), 1));
  const [item] = await items(caseId);
  const as = async (examiner: string, verdict: 'real' | 'simulated', reasons: string): Promise<Review> => {
    await settings.change({ examiner });
    return reviews.record({ evidence: item!.id, verdict, reasons });
  };
  return { ...services, reviews, caseId, evidence: item!.id, as };
}

test('the first review tells nothing until another examiner has recorded theirs; then both are open and stay', async () => {
  const { reviews, evidence, as, workspace, jobs } = await setUp();
  const first = await as('Ada Lane', 'simulated', 'The shadow of the kerb is wrong.');
  expect(first).toMatchObject({ position: 1, blind: true, conclusion: null, openedAt: null });
  expect(await reviews.ofEvidence(evidence)).toEqual([first]);
  const second = await as('Bo Reed', 'real', 'Nothing found.');
  expect(second).toMatchObject({ position: 2, blind: true, conclusion: { verdict: 'real' } });
  const [opened] = await reviews.ofEvidence(evidence);
  expect(opened).toMatchObject({
    examiner: 'Ada Lane',
    conclusion: { verdict: 'simulated', reasons: 'The shadow of the kerb is wrong.' },
  });
  const entry = await workspace.db
    .selectFrom('audit_log')
    .select('payload')
    .where('action', '=', 'review.opened')
    .executeTakeFirstOrThrow();
  expect(JSON.parse(entry.payload)).toMatchObject({
    agreed: false,
    conclusions: [
      { examiner: 'Ada Lane', verdict: 'simulated' },
      { examiner: 'Bo Reed', verdict: 'real' },
    ],
  });
  const check = await new VerificationService({ workspace, jobs }).verify();
  expect(check).toMatchObject({ ok: true, findings: [] });
});

test('no answer of the program, no entry of its log, no bundle and no blob holds a sealed conclusion', async () => {
  const dataDir = path.join(temporaryFolder(), 'workspace');
  const app = await createApp({ dataDir, host: 'cli', trainerEntry, version: programVersion });
  const secret = 'zq-secret-zq';
  try {
    const { handlers, services } = app;
    const { id: caseId } = await handlers.cases.create({ name: 'Doe' });
    const paths = await writePictures(temporaryFolder(), 1);
    const { jobId } = await handlers.evidence.takeIn({ paths, case: 'Doe', storage: 'copy' });
    await services.jobs.wait(jobId);
    const page = { offset: 0, limit: 10 };
    const { items } = await handlers.evidence.items({
      ...{ ...page, caseId, sort: 'taken', descending: false },
    });
    const { id } = items[0]!;
    await handlers.settings.change({ examiner: 'Ada' });
    const recorded = await handlers.reviews.record({ evidence: id, verdict: 'simulated', reasons: secret });
    await handlers.settings.change({ examiner: 'Bo' });
    const bundle = path.join(temporaryFolder(), 'doe.zip');
    const written = await handlers.bundles.export({ case: 'Doe', path: bundle, hashesOnly: false });
    await services.jobs.wait(written.jobId);
    const answers: unknown[] = [
      recorded,
      await handlers.reviews.ofEvidence({ id }),
      await handlers.evidence.get({ id }),
      await handlers.cases.get({ case: 'Doe' }),
      await handlers.cases.list({ ...page, text: secret }),
      await handlers.evidence.items({
        ...{ ...page, caseId, sort: 'taken', descending: false, text: secret },
      }),
      await handlers.jobs.list({}),
      await app.workspace.db.selectFrom('audit_log').selectAll().execute(),
    ];
    expect(JSON.stringify(answers)).not.toContain(secret);
    // The verdict itself neither: it is in no answer on the item, and in no entry of the log.
    expect(JSON.stringify(answers)).not.toContain(':"simulated"');
    expect(answers[4]).toMatchObject({ total: 0 });
    expect(answers[5]).toMatchObject({ total: 0 });
    expect(readFileSync(bundle).includes(secret)).toBe(false);
    const blobs = readdirSync(path.join(dataDir, 'blobs'), { recursive: true, encoding: 'utf8' });
    for (const name of blobs.filter((one) => one.length > 60))
      expect(readFileSync(path.join(dataDir, 'blobs', name)).includes(secret), name).toBe(false);
  } finally {
    await app.close();
  }
});

test('the digest that the log holds of a sealed review cannot be guessed from its row', async () => {
  const { as, workspace } = await setUp();
  await as('Ada', 'real', 'r');
  const row = await workspace.db.selectFrom('reviews').selectAll().executeTakeFirstOrThrow();
  expect(row.salt).toMatch(/^[0-9a-f]{64}$/);
  const log = await workspace.db.selectFrom('audit_log').select('payload').execute();
  expect(log.some(({ payload }) => payload.includes(row.salt))).toBe(false);
});

test('nobody reviews a picture twice, under whatever spelling of their name', async () => {
  const { as } = await setUp();
  await as('Ada  Lane', 'real', 'a');
  for (const name of ['Ada Lane', 'ADA LANE', 'Ada\u00a0Lane'])
    expect((await failureOf(as(name, 'simulated', 'b'))).code).toBe('review_exists');
});

test('a review that was opened early is told by the log, and what follows is not blind', async () => {
  const { reviews, evidence, as, actions } = await setUp();
  await as('Ada', 'real', 'a');
  const [opened] = await reviews.open(evidence, 'the hearing is tomorrow');
  expect(opened).toMatchObject({ conclusion: { verdict: 'real' } });
  expect((await failureOf(reviews.open(evidence, 'again'))).code).toBe('invalid_input');
  expect(await as('Bo', 'real', 'b')).toMatchObject({ position: 2, blind: false });
  expect((await actions()).slice(-5)).toEqual([
    ...['review.recorded', 'review.opened', 'setting.changed', 'review.recorded', 'review.opened'],
  ]);
});

test('a review wants an item that is there, in a case that is open', async () => {
  const { reviews, cases, caseId, as } = await setUp();
  const lost = reviews.record({ evidence: 'nothing', verdict: 'real', reasons: 'r' });
  expect((await failureOf(lost)).code).toBe('not_found');
  expect((await failureOf(reviews.ofEvidence('nothing'))).code).toBe('not_found');
  await cases.edit(caseId, { status: 'closed' });
  expect((await failureOf(as('Ada', 'real', 'a'))).code).toBe('case_not_open');
});

test('a bundle of a reviewed case can still be written and checked', async () => {
  const { workspace, cases, jobs, result, as } = await setUp();
  await as('Ada', 'real', 'a');
  await as('Bo', 'simulated', 'b');
  const bundles = new BundleService({ workspace, cases, jobs, programVersion: '1.2.3' });
  const file = path.join(temporaryFolder(), 'doe.zip');
  await result('bundle-export', bundles.export({ case: 'Doe', path: file, hashesOnly: false }));
  expect(await bundles.verify(file)).toMatchObject({ ok: true, findings: [] });
});
