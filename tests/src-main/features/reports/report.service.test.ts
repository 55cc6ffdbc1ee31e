/** Reports of real rows: what they say, that they say no more than is recorded, and that they are the same again. */
import { createHash } from 'node:crypto';
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createExaminer } from '#compute/decoding/examiner.ts';
import { RegionService } from '#features/regions/region.service.ts';
import { contentDigest, withoutVaryingFields } from '#features/reports/report-file.ts';
import { ReportService } from '#features/reports/report.service.ts';
import { verifyReport } from '#features/reports/verify-report.ts';
import { TimeStampService } from '#features/time-stamps/time-stamp.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { samplePicture, write as writeBytes } from '#tests/support/sample-files.ts';
import { temporaryFolder } from '#tests/support/temporary-folder.ts';
import { TimeStampAuthority } from '#tests/support/time-stamp-authority.ts';
import { writeTinyDetector } from '#tests/support/tiny-detector.ts';
import { writePictures } from '../evidence/evidence-set-up.ts';
import { echoingPrinter, pictureSection, setUpJudgedCase, setUpReports, words } from './report-set-up.ts';

/** Ends its process at a file whose name has `crash` in it. */
const crashingExaminer = path.resolve(import.meta.dirname, '../../../support/crashing-examiner.ts');

test('a report holds the hash, the verdict, the maps, the model and the log of what is recorded', async () => {
  const { write, textOf, first, workspace, detection } = await setUpJudgedCase();
  const record = await write({ case: 'Doe' });
  expect(record).toMatchObject({ pictures: 2, format: 'html', examiner: 'Ada', programVersion: '1.2.3' });
  const text = await textOf(record);
  const [verdict] = await detection.ofEvidence(first.id);
  for (const part of [first.sha256, verdict!.model.sha256, verdict!.reason, 'K 7'])
    expect(words(text), part).toContain(part);
  const section = words(pictureSection(text, 1));
  expect(section).toContain(`Detection by a trained model ran Verdict: ${verdict!.verdict}`);
  const { propositions, limits, verbal } = verdict!.statement!;
  expect(section).toMatch(/Likelihood ratio: \d+ to 1 for simulated/);
  for (const part of [propositions.simulated, propositions.real, verbal!, ...limits])
    expect(section, part).toContain(part);
  const { reason, rows } = verdict!.stability!;
  expect(rows.length).toBeGreaterThan(10);
  for (const part of [
    reason,
    'cut by 7 pixels at the left and the top',
    'Rule 1: judged anew after each change',
  ])
    expect(section, part).toContain(part);
  const [tile] = verdict!.explanation!.tiles;
  expect(section).toContain(`What the score came from`);
  expect(section).toContain(`T1 ${tile!.x}, ${tile!.y}`);
  expect(section).toContain('is not available for this model');
  expect(section).toContain(
    '1 analysis ran Told one by one below, with so many findings each: Error level analysis (1)',
  );
  const keys = [...text.matchAll(/data-image="picture-1-?([a-z0-9-]*)"/g)].map(([, key]) => key);
  expect(keys).toEqual([
    ...[
      'thumbnail',
      '',
      'simulation',
      'kernel-1',
      'kernel-2',
      'tiles',
      'block',
      'local',
      'global',
      'error-level-1',
    ],
  ]);
  const entries = await workspace.db.selectFrom('audit_log').select(['sequence', 'hash', 'action']).execute();
  const shown = entries.filter(({ action }) =>
    /^(case|evidence|verdict|analysis)\.|^model\.imported/.test(action),
  );
  for (const { hash } of shown) expect(text).toContain(hash.slice(0, 16));
});

test('without a calibration there is no ratio anywhere, and the report says that there is none', async () => {
  const { write, textOf, models, evidence, result } = await setUpJudgedCase();
  const file = path.join(temporaryFolder(), 'plain.onnx');
  const { id } = await models.import(await writeTinyDetector(file, { passport: { calibration: null } }));
  await result('detection', evidence.detect({ case: 'Doe', model: id }));
  const text = await textOf(await write({ case: 'Doe' }));
  const section = words(pictureSection(text, 1));
  expect(section).toContain('Inconclusive Likelihood ratio: not calibrated');
  expect(section).not.toMatch(/\d to 1/);
  expect(words(text)).toContain('Not calibrated. No map from scores to likelihood ratios');
  // The verdict before it, by another model, is kept and listed.
  expect(section).toContain('Earlier results, which are kept');
});

test('what did not run is listed as not run, and never as a result', async () => {
  const { write, textOf, analyses } = await setUpJudgedCase();
  const text = await textOf(await write({ case: 'Doe' }));
  const section = words(pictureSection(text, 2));
  expect(section).toContain('No verdict of a model on this picture is recorded.');
  expect(section).toContain('Detection by a trained model not run No run is recorded.');
  // Those without a record stand in one row, each by its name.
  const [, names] = /analyses not run No run is recorded\. These are: (.*?) \. /.exec(section)!;
  expect(names!.split('; ').map((name) => name.trim())).toEqual(
    (await analyses.catalogue()).analyses.map(({ title }) => title),
  );
  expect(section).not.toMatch(/analys[ei]s ran/);
  expect(pictureSection(text, 2)).not.toContain('data-image="picture-2-simulation"');
});

test('analyses that were not run for one reason stand together, each by its name', async () => {
  const { write, textOf, result, analyses, second } = await setUpJudgedCase();
  const only = ['jpeg-coding', 'camera-pattern', 'jpeg-double', 'error-level'];
  await result('analysis', analyses.start({ case: 'Doe', items: [second.id], only, parameters: {} }));
  const section = words(pictureSection(await textOf(await write({ case: 'Doe' })), 2));
  expect(section).toMatch(
    /2 analyses not run It reads only JPEG files; this is PNG\. These are: JPEG coding ; Double JPEG compression \. \d{4}-/,
  );
  expect(section).toMatch(
    /Camera pattern \(PRNU\) not run It needs at least 128 pixels a side; the picture has 96 by 80\./,
  );
  expect(section).toContain(
    '1 analysis ran Told one by one below, with so many findings each: Error level analysis',
  );
  // Only what ran has findings and parameters.
  expect(section.match(/Version 1, Pentimento 1\.2\.3 ; \d{4}-/g)).toHaveLength(1);
});

test('an analysis that failed is shown as failed, with its reason', async () => {
  const { write, textOf, workspace, second } = await setUpJudgedCase();
  workspace.sqlite.exec(`
    INSERT INTO analyses (id, path, sha256, evidence_id, name, title, version, program_version, libraries, parameters,
      state, reason, findings, maps, files, details, run_ms, created_at)
    SELECT 'failed', path, '${second.sha256}', '${second.id}', name, title, version, program_version, libraries,
      parameters, 'failed', 'It ran out of memory.', '[]', '[]', '[]', details, run_ms, created_at FROM analyses`);
  const section = words(pictureSection(await textOf(await write({ case: 'Doe' })), 2));
  expect(section).toContain('Error level analysis failed It ran out of memory.');
});

test('an original that changed is told before everything else that is said of the picture', async () => {
  const { write, textOf, workspace, first, evidence, result } = await setUpJudgedCase();
  rmSync(workspace.blobs.pathOf(first.sha256));
  await result('evidence-check', evidence.check({ case: 'Doe' }));
  const section = words(pictureSection(await textOf(await write({ case: 'Doe' })), 1));
  expect(section.indexOf('The original is missing.')).toBeLessThan(section.indexOf('Likelihood ratio'));
  expect(section).toContain('missing: There is no file');
});

test('the same case, model and build give the same bytes but for the declared fields', async () => {
  const { write, textOf, settings } = await setUpJudgedCase();
  const first = await write({ case: 'Doe' });
  await settings.change({ backupHours: 5 }); // moves the head of the log
  const second = await write({ case: 'Doe' });
  const [one, other] = [await textOf(first), await textOf(second)];
  expect(one).not.toBe(other);
  expect(withoutVaryingFields(one)).toBe(withoutVaryingFields(other));
  expect(second.contentSha256).toBe(first.contentSha256);
  expect(contentDigest(one)).toBe(first.contentSha256);
  // Nothing but the declared fields is taken out.
  expect(one.length - withoutVaryingFields(one).length).toBeLessThan(300);
});

test('a further record makes another report', async () => {
  const { write, result, evidence } = await setUpJudgedCase();
  const before = await write({ case: 'Doe' });
  await result('detection', evidence.detect({ case: 'Doe' }));
  expect((await write({ case: 'Doe' })).contentSha256).not.toBe(before.contentSha256);
});

test('a sealed review is in no report; open ones are, and a disagreement is said', async () => {
  const { write, textOf, review, first } = await setUpJudgedCase();
  await review('Ada', first.id, 'simulated', 'The kerb is doubled.');
  const sealed = await textOf(await write({ case: 'Doe' }));
  expect(words(pictureSection(sealed, 1))).toContain('Sealed until a second examiner has recorded theirs.');
  expect(sealed).not.toContain('The kerb is doubled.');
  await review('Bo', first.id, 'real', 'I see nothing.');
  const open = words(pictureSection(await textOf(await write({ case: 'Doe' })), 1));
  for (const part of ['The examiners disagree.', 'The kerb is doubled.', 'I see nothing.'])
    expect(open).toContain(part);
});

test('notes on regions stand with their picture, without those that were removed', async () => {
  const { workspace, cases, write, textOf, first, second } = await setUpJudgedCase();
  const regions = new RegionService({ workspace, cases });
  const area = { x: 4, y: 6, width: 20, height: 10 };
  await regions.add({ evidence: first.id, area, text: 'a <b>seam</b>' });
  const removed = await regions.add({ evidence: first.id, area, text: 'nothing after all' });
  await regions.remove(removed.id);
  const text = await textOf(await write({ case: 'Doe' }));
  const section = pictureSection(text, 1);
  expect(words(section)).toContain('20 × 10 at 4, 6');
  expect(section).toContain('a &lt;b&gt;seam&lt;/b&gt;');
  expect(text).not.toContain('nothing after all');
  expect(second.id).not.toBe(first.id);
  expect(pictureSection(text, 2)).not.toContain('Notes on regions');
});

test('time stamps of the log are told with what they show, and a report checks against their entries', async () => {
  const { workspace, write, textOf } = await setUpJudgedCase();
  const stamps = new TimeStampService(workspace);
  const without = words(await textOf(await write({ case: 'Doe' })));
  expect(without).toContain('Time stamps of heads of the log none was taken in');
  const authority = await TimeStampAuthority.found('Clock');
  const file = path.join(temporaryFolder(), 'token.tsr');
  writeFileSync(file, await authority.response(stamps.request().head.hash));
  await stamps.import(file);
  const text = await textOf(await write({ case: 'Doe' }));
  expect(words(text)).toMatch(/Entries 1 to \d+ were there at .* was not judged/);
  const check = await verifyReport(Buffer.from(text), { programVersion: '1.2.3', workspace: null });
  expect(check.findings.filter(({ result }) => result === 'wrong')).toEqual([]);
  const changed = text.replace(/(were there at )\d{4}/, '$11999');
  const refused = await verifyReport(Buffer.from(changed), { programVersion: '1.2.3', workspace: null });
  expect(refused.ok).toBe(false);
});

test('a report can be of some pictures, and says of how many', async () => {
  const { write, textOf, second } = await setUpJudgedCase();
  const record = await write({ case: 'Doe', items: [second.id] });
  expect(record.pictures).toBe(1);
  expect(words(await textOf(record))).toContain('1 picture of the 2 in the case');
});

test('a picture that was judged by itself has a report of its own', async () => {
  const { write, textOf, detection, models } = await setUpJudgedCase();
  const [file] = await writePictures(temporaryFolder(), 1, 9);
  const model = await models.resolve();
  for await (const item of detection.judge([file!], model)) {
    if (item.kind !== 'verdict') throw new Error('it was not judged');
    const text = words(await textOf(await write({ verdict: item.verdict.id })));
    expect(text).toContain('Picture 9.png');
    expect(text).toContain('The picture was judged by itself and is no evidence of a case.');
    expect(text).toContain(item.verdict.sha256);
  }
});

test('a report is a sealed row with an entry of the log, and the workspace verifies with it', async () => {
  const { write, reports, caseId, actions, workspace, jobs } = await setUpJudgedCase();
  const html = await write({ case: 'Doe' });
  const pdf = await write({ case: 'Doe' }, 'pdf');
  expect(await reports.ofCase(caseId)).toEqual([pdf, html]);
  expect(await reports.get(html.id)).toEqual(html);
  expect((await actions()).slice(-2)).toEqual(['report.written', 'report.written']);
  const service = new VerificationService({ workspace, jobs });
  expect(await service.verify()).toMatchObject({ ok: true, findings: [] });
  workspace.sqlite.exec(
    `DROP TRIGGER reports_not_updated; UPDATE reports SET pictures = 9 WHERE id = '${html.id}'`,
  );
  expect(await service.verify()).toMatchObject({ ok: false, findings: [{ area: 'results' }] });
});

test('a report is saved as a copy, whole, in place of what was there; not where its bytes have changed', async () => {
  const { write, reports, workspace } = await setUpJudgedCase();
  const { id, sha256 } = await write({ case: 'Doe' });
  const folder = temporaryFolder();
  const target = path.join(folder, 'report.html');
  writeFileSync(target, 'older');
  expect(await reports.save(id, target)).toEqual({ path: target });
  expect(createHash('sha256').update(readFileSync(target)).digest('hex')).toBe(sha256);
  expect(readdirSync(folder)).toEqual(['report.html']);
  expect((await failureOf(reports.save('none', target))).code).toBe('not_found');
  writeFileSync(workspace.blobs.pathOf(sha256), 'changed');
  expect((await failureOf(reports.save(id, target))).code).toBe('evidence_changed');
  expect(createHash('sha256').update(readFileSync(target)).digest('hex')).toBe(sha256);
});

test('a stored map that is gone is told in its place, and the report is written', async () => {
  const { write, textOf, workspace, first, detection } = await setUpJudgedCase();
  const [verdict] = await detection.ofEvidence(first.id);
  rmSync(workspace.blobs.pathOf(verdict!.maps.simulation.blob));
  const text = await textOf(await write({ case: 'Doe' }));
  expect(text).not.toContain('data-image="picture-1-simulation"');
  expect(words(text)).toContain('The stored file could not be read, or was not what it had been.');
});

test('a stored file that ends its decoder is told in its place, and the report is written', async () => {
  const { workspace, cases, jobs, takeIn, result, textOf } = await setUpReports();
  const { id } = await cases.create({ name: 'Doe' });
  const folder = temporaryFolder();
  const files = [writeBytes(folder, 'crash.png', await samplePicture(96, 80, 1).png().toBuffer())];
  await takeIn([...files, ...(await writePictures(folder, 1))]);
  const examiner = createExaminer({ entry: crashingExaminer });
  onTestFinished(() => examiner.close());
  const shared = { workspace, cases, jobs, examiner, printer: echoingPrinter };
  const reports = new ReportService({ ...shared, programVersion: '1.2.3' });
  const text = await textOf(await result('report', reports.start({ subject: { case: id }, format: 'html' })));
  expect(text.match(/<img data-image=/g)).toHaveLength(2);
  expect(text.match(/The stored file could not be read/g)).toHaveLength(2);
});

test('what cannot be reported is refused in words, and nothing is kept', async () => {
  const { reports, cases, jobs, write, first, detection, workspace } = await setUpJudgedCase();
  expect((await failureOf(reports.start({ subject: { case: 'Roe' }, format: 'html' }))).code).toBe(
    'not_found',
  );
  expect((await failureOf(reports.get('nothing'))).code).toBe('not_found');
  await cases.create({ name: 'Empty' });
  const [verdict] = await detection.ofEvidence(first.id);
  for (const [subject, code] of [
    [{ case: 'Empty' }, 'invalid_input'],
    [{ case: 'Doe', items: ['nothing'] }, 'not_found'],
    [{ verdict: 'nothing' }, 'not_found'],
    [{ verdict: verdict!.id }, 'invalid_input'],
  ] as const) {
    const { jobId } = await reports.start({ subject: subject as { case: string }, format: 'html' });
    expect(await jobs.wait(jobId)).toMatchObject({ state: 'failed', error: { code } });
  }
  expect(await workspace.db.selectFrom('reports').selectAll().execute()).toEqual([]);
  await write({ case: 'Doe' });
});

test('a printer that fails keeps nothing', async () => {
  const { reports, jobs, workspace } = await setUpJudgedCase({
    print: () => Promise.reject(new Error('jammed')),
  });
  const { jobId } = await reports.start({ subject: { case: 'Doe' }, format: 'pdf' });
  expect(await jobs.wait(jobId)).toMatchObject({ state: 'failed', error: { message: 'jammed' } });
  expect(await workspace.db.selectFrom('reports').selectAll().execute()).toEqual([]);
});

test('more pictures than a report takes are refused', async () => {
  const { cases, takeIn, items, workspace, reports, jobs } = await setUpReports();
  const { id } = await cases.create({ name: 'Doe' });
  await takeIn(await writePictures(path.resolve(temporaryFolder()), 1));
  const [item] = await items(id);
  workspace.sqlite.exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500)
    INSERT INTO evidence_items (id, case_id, sha256, storage, blob, source_path, name, name_key, search_text, format,
      media_type, bytes, width, height, pixels, reading_notes, embedded_dates, modified_at, thumbnail, perceptual_hash,
      rendered, tags, notes, state, state_reason, checked_at, taken_at)
    SELECT id || i, case_id, printf('%064x', i), 'reference', NULL, source_path, name, name_key, search_text, format,
      media_type, bytes, width, height, pixels, reading_notes, embedded_dates, modified_at, thumbnail, perceptual_hash,
      rendered, tags, notes, state, state_reason, checked_at, taken_at FROM evidence_items, n`);
  const { jobId } = await reports.start({ subject: { case: 'Doe' }, format: 'html' });
  expect(await jobs.wait(jobId)).toMatchObject({ error: { code: 'report_too_large' } });
  const some = await reports.start({ subject: { case: 'Doe', items: [item!.id] }, format: 'html' });
  expect(await jobs.wait(some.jobId)).toMatchObject({ state: 'done' });
});
