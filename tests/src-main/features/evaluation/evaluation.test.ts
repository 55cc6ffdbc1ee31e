import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { forkChild } from '#compute/child-process.ts';
import { createJudgeHost, type JudgeHost } from '#compute/judging/judge-host.ts';
import { perturbations } from '#compute/perturbations.ts';
import { EvaluationService, type EvaluationResult } from '#features/evaluation/evaluation.service.ts';
import { modelEvaluation } from '#contract/evaluation.ts';
import { viewOf } from '#features/evaluation/evaluation-view.ts';
import { startEvaluation } from '#features/evaluation/evaluation-job.ts';
import { EvaluationRepository } from '#features/evaluation/evaluation.repository.ts';
import { keptComparison } from '#features/evaluation/kept-comparison.ts';
import { readManifest } from '#features/evaluation/manifest.ts';
import { promotionOf } from '#features/evaluation/promotion.ts';
import { JobRepository } from '#features/jobs/job.repository.ts';
import { JobService } from '#features/jobs/job.service.ts';
import { ModelService } from '#features/models/model.service.ts';
import { VerificationService } from '#features/verification/verification.service.ts';
import { Workspace } from '#storage/workspace.ts';
import { failureOf } from '#tests/support/app-error.ts';
import { recordedEntries } from '#tests/support/recorded-entries.ts';
import { tinyCalibration, writeTinyDetector } from '#tests/support/tiny-detector.ts';

let folder: string;
let workspace: Workspace;
let models: ModelService;
let service: EvaluationService;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pentimento-evaluation-'));
  workspace = await Workspace.open(join(folder, 'workspace'), { holder: 'a test' });
  models = new ModelService(workspace);
  await models.import(await writeTinyDetector(join(folder, 'tiny.onnx')));
  service = new EvaluationService({ workspace, models, programVersion: '1.2.3' });
});
afterAll(async () => {
  await workspace.close();
  await rm(folder, { recursive: true, force: true });
});

/** A 128 x 128 picture; the tiny detector's logit is 10 times the share of red in its reddest tile. */
async function picture(name: string, red: number): Promise<void> {
  const background = { r: Math.round(255 * red), g: 10, b: 10 };
  await sharp({ create: { width: 128, height: 128, channels: 3, background } })
    .png()
    .toFile(join(folder, name));
}
async function manifest(lines: string[]): Promise<string> {
  const file = join(folder, 'list.csv');
  await writeFile(file, lines.join('\r\n'));
  return file;
}
const evaluate = async (lines: string[]): Promise<EvaluationResult> =>
  service.evaluate(
    { manifest: await manifest(lines), seed: 0 },
    { signal: new AbortController().signal, progress: () => undefined },
  );

describe('a manifest', () => {
  test('is read whatever the order of its columns, with quotes, commas and spaces in names', async () => {
    const file = await manifest([
      '\uFEFFlabel,Category,path,extra',
      'real,,"a, ""b"".png",x',
      '',
      'simulated,splice,sub/c d.png,y',
    ]);
    expect(await readManifest(file)).toEqual([
      {
        path: join(folder, 'a, "b".png'),
        shownPath: 'a, "b".png',
        simulated: false,
        mask: null,
        category: null,
        group: null,
        source: '.',
      },
      {
        path: join(folder, 'sub/c d.png'),
        shownPath: 'sub/c d.png',
        simulated: true,
        mask: null,
        category: 'splice',
        group: null,
        source: 'sub',
      },
    ]);
  });

  test.each([
    [['path,label', 'a.png,fake'], /line 2: the label must be real or simulated/],
    [['path,verdict', 'a.png,real'], /no column "label"/],
    [['path,label', 'a.png'], /line 2/i],
    [['path,label'], /lists no picture/],
  ])('that is wrong is refused with the place: %j', async (lines, message) => {
    const failure = await failureOf(readManifest(await manifest(lines)));
    expect(failure.code).toBe('invalid_input');
    expect(failure.message).toMatch(message);
  });

  test('that is missing is named', async () => {
    expect((await failureOf(readManifest(join(folder, 'none.csv')))).code).toBe('file_not_found');
  });
});

describe('an evaluation', () => {
  beforeAll(async () => {
    // Scores 0.5, 1.5, 2.5 for real ones and 1.2, 3, 4 for simulated ones; thresholds 1 and 2.
    for (const red of [0.05, 0.15, 0.25, 0.12, 0.3, 0.4]) await picture(`${red}.png`, red);
    const mask = Buffer.alloc(128 * 128);
    for (let y = 0; y < 128; y++) mask.fill(255, y * 128, y * 128 + 64);
    await sharp(mask, { raw: { width: 128, height: 128, channels: 1 } })
      .png()
      .toFile(join(folder, 'mask.png'));
    const half = Buffer.alloc(128 * 128 * 3, 10);
    for (let i = 0; i < 128 * 128; i++) if (i % 128 < 64) half[i * 3] = 200;
    await sharp(half, { raw: { width: 128, height: 128, channels: 3 } })
      .png()
      .toFile(join(folder, 'half.png'));
  });
  const lines = [
    'path,label,category',
    '0.05.png,real,',
    '0.15.png,real,',
    '0.25.png,real,',
    '0.12.png,simulated,faint',
    '0.3.png,simulated,strong',
    '0.4.png,simulated,strong',
  ];

  test('has the figures that follow from the scores and verdicts', async () => {
    const { overall, categories, failed } = await evaluate(lines);
    expect(failed).toEqual([]);
    expect(overall.counts).toEqual({ real: 3, simulated: 3, without_ratio: 0 });
    const value = (name: keyof typeof overall.figures): number | null => overall.figures[name].value;
    expect(value('auc')).toBeCloseTo(7 / 9, 6);
    expect(value('accuracy')).toBeCloseTo(3 / 6, 6);
    expect(value('fpr')).toBeCloseTo(1 / 3, 6);
    expect(value('fnr')).toBe(0);
    expect(value('inconclusive')).toBeCloseTo(2 / 6, 6);
    // The ratio of a score s is 5 s - 7.5, cut to plus and minus ln 40; pixels hold whole numbers.
    const most = Math.log(40);
    const llr = (red: number): number =>
      Math.max(-most, Math.min(most, (50 * Math.round(255 * red)) / 255 - 7.5));
    const bits = (x: number): number => Math.log2(1 + Math.exp(x));
    const real = [0.05, 0.15, 0.25].map((red) => bits(llr(red)));
    const simulated = [0.12, 0.3, 0.4].map((red) => bits(-llr(red)));
    const cost = [...real, ...simulated].reduce((sum, x) => sum + x, 0) / 6;
    expect(value('cllr')).toBeCloseTo(cost, 4);
    expect(value('cllr_min')).toBeLessThan(cost);
    expect(value('pixel_auc')).toBeNull();
    expect(overall.figures.pixel_auc.reason).toMatch(/masks/);
    const [low, high] = overall.figures.auc.interval!;
    expect(low).toBeLessThan(7 / 9);
    expect(high).toBeGreaterThan(7 / 9);
    // Each category stands against all real ones.
    expect(categories.map(({ category, counts }) => [category, counts.real, counts.simulated])).toEqual([
      ['faint', 3, 1],
      ['strong', 3, 2],
    ]);
    expect(categories.map(({ figures }) => figures.auc.value)).toEqual([expect.closeTo(1 / 3, 6), 1]);
  });

  test('measures maps against masks, and refuses a mask of another size without losing the rest', async () => {
    await sharp(join(folder, 'mask.png')).resize(100, 100).png().toFile(join(folder, 'small.png'));
    const result = await evaluate([
      'path,label,mask',
      '0.05.png,real,',
      'half.png,simulated,mask.png',
      '0.3.png,simulated,small.png',
      'nowhere.png,real,',
    ]);
    expect(result.overall.figures.pixel_auc.value).toBe(1);
    expect(result.failed.map(({ path, error }) => [path, error.code])).toEqual([
      ['0.3.png', 'invalid_mask'],
      ['nowhere.png', 'file_not_found'],
    ]);
  });

  test('is kept with its model, sealed, with every picture', async () => {
    const { id, model } = await evaluate(lines);
    const [kept] = await new EvaluationRepository(workspace).ofModel(model.id);
    expect(kept).toMatchObject({ id, modelId: model.id, manifest: join(folder, 'list.csv') });
    expect(kept!.rows.map(({ path, verdict, source }) => [path, verdict, source])).toEqual([
      ['0.05.png', 'real', '.'],
      ['0.15.png', 'inconclusive', '.'],
      ['0.25.png', 'simulated', '.'],
      ['0.12.png', 'inconclusive', '.'],
      ['0.3.png', 'simulated', '.'],
      ['0.4.png', 'simulated', '.'],
    ]);
    const row = workspace.sqlite.prepare('SELECT * FROM model_evaluations WHERE id = ?').get(id);
    expect(row).toMatchObject({ seed: 0, program_version: '1.2.3', provider: 'cpu' });
    expect(JSON.parse((row as { configuration: string }).configuration)).toEqual({
      ...{ robustness: false, comparedWith: null },
    });
    const entry = recordedEntries(workspace).at(-1)!;
    expect(entry).toMatchObject({ action: 'model.evaluated', payload: { evaluation: id, pictures: 6 } });
  });

  test('is shown with its curves, what each label was called, and its worst mistakes', async () => {
    const { model } = await evaluate([...lines, '0.25.png,real,']);
    const view = viewOf((await new EvaluationRepository(workspace).ofModel(model.id))[0]!);
    expect(modelEvaluation.parse(JSON.parse(JSON.stringify(view)))).toEqual(view);
    expect(view.counts).toEqual({ real: 4, simulated: 3 });
    expect(view.verdicts).toEqual({
      real: { real: 1, simulated: 2, inconclusive: 1 },
      simulated: { real: 0, simulated: 2, inconclusive: 1 },
    });
    expect(view.worst.map(({ path }) => path)).toEqual(['0.25.png', '0.25.png']);
    expect(view.curves.roc.x.at(-1)).toBe(1);
    expect(Object.keys(view.curves.histogram.counts).sort()).toEqual(['faint', 'real', 'strong']);
    expect(view.categories.map(({ category, simulated }) => [category, simulated])).toEqual([
      ['faint', 1],
      ['strong', 2],
    ]);
  });

  test('has figures of each compression tier, by the file of each picture', async () => {
    await sharp(join(folder, '0.4.png')).jpeg({ quality: 90 }).toFile(join(folder, 'high.jpg'));
    await sharp(join(folder, '0.05.png')).jpeg({ quality: 40 }).toFile(join(folder, 'low.jpg'));
    const { tiers } = await evaluate([...lines, 'high.jpg,simulated,strong', 'low.jpg,real,']);
    expect(
      tiers.map(({ tier, counts }) => [tier, counts.real, counts.simulated, counts.without_ratio]),
    ).toEqual([
      ['jpeg_high', 0, 1, 0],
      ['lossless', 3, 3, 0],
      ['other', 1, 0, 1],
    ]);
  });

  test('with robustness judges every picture after every change, and keeps what it found', async () => {
    const request = { manifest: await manifest(lines), seed: 0, robustness: true };
    const options = { signal: new AbortController().signal, progress: () => undefined };
    const { robustness, id } = await service.evaluate(request, options);
    // Pictures of 128 pixels, scaled to half, are tiles of 64; cut by one pixel they lose a block.
    expect(
      robustness!.map(({ kind, level, counts }) => [kind, level, counts.real + counts.simulated]),
    ).toEqual(perturbations.map(({ kind, level }) => [kind, level, 6]));
    // Uniform pictures stay what they are: the order of their scores, and so the AUC, does not change.
    for (const { auc, kind } of robustness!) if (kind !== 'jpeg') expect(auc.value).toBeCloseTo(7 / 9, 6);
    const half = robustness!.find(({ kind, level }) => kind === 'scale' && level === 0.5)!;
    // One tile is too little for a verdict.
    expect(half.inconclusive.value).toBe(1);
    const figures = workspace.db.selectFrom('model_evaluations').select('figures').where('id', '=', id);
    expect(JSON.parse((await figures.executeTakeFirstOrThrow()).figures)).toMatchObject({ robustness });
    expect((await evaluate(lines)).robustness).toBeNull();
  });

  test('goes on in a new process when a picture ends the one that decodes and judges it', async () => {
    await picture('deadly.png', 0.5);
    const judging = createJudgeHost({
      spawn: (...how) => {
        const child = forkChild(...how);
        const send: typeof child.send = (message) =>
          JSON.stringify(message).includes('deadly.png') ? child.kill() : child.send(message);
        return { ...child, send };
      },
    });
    const guarded = new EvaluationService({ workspace, models, judging, programVersion: '1.2.3' });
    const file = await manifest([...lines, 'deadly.png,real,']);
    const options = { signal: new AbortController().signal, progress: () => undefined };
    const found = await guarded.evaluate({ manifest: file, seed: 0 }, options);
    expect(found.failed).toMatchObject([{ path: 'deadly.png', error: { code: 'judge_crashed' } }]);
    expect(found.rows).toEqual((await evaluate(lines)).rows);
  });

  test('is the same each time for the same seed', async () => {
    const [{ id, ...first }, { id: other, ...second }] = [await evaluate(lines), await evaluate(lines)];
    expect(second).toEqual(first);
    expect(other).not.toBe(id);
  });

  test('names every provider that judged, where one gave way to another', async () => {
    const real = createJudgeHost();
    const judging: JudgeHost = {
      async open(model) {
        const judge = await real.open(model);
        let left = 4;
        return {
          ...judge,
          provider: 'webgpu',
          judge: async (...asked) => {
            const judged = await judge.judge(...asked);
            return left-- > 0 ? { ...judged, provider: 'webgpu' } : judged;
          },
        };
      },
    };
    const fallen = new EvaluationService({ workspace, models, judging, programVersion: '1.2.3' });
    const options = { signal: new AbortController().signal, progress: () => undefined };
    const { provider, id } = await fallen.evaluate({ manifest: await manifest(lines), seed: 0 }, options);
    expect(provider).toBe('webgpu; cpu');
    const row = workspace.sqlite.prepare('SELECT provider FROM model_evaluations WHERE id = ?').get(id);
    expect(row).toEqual({ provider });
  });

  test('compares two models, and a promotion lists every picture whose verdict changes', async () => {
    const first = await models.resolve();
    const [tier, ...others] = tinyCalibration().tiers;
    // The same scores, but the ratio is 1 at 3.5: what was simulated at 2.5 and 3 is real, at 4 it is simulated still.
    const later = { ...tier!, map: { kind: 'logistic' as const, slope: 5, offset: -17.5 } };
    const second = await models.import(
      await writeTinyDetector(join(folder, 'later.onnx'), {
        passport: { calibration: tinyCalibration({ tiers: [later, ...others] }) },
      }),
    );
    const request = { manifest: await manifest(lines), seed: 0 };
    const options = { signal: new AbortController().signal, progress: () => undefined };
    const { comparison } = await service.evaluate(
      { ...request, model: second.id, compare: first.id },
      options,
    );
    const changed = [
      { path: '0.15.png', simulated: false, from: 'inconclusive', to: 'real' },
      { path: '0.25.png', simulated: false, from: 'simulated', to: 'real' },
      { path: '0.12.png', simulated: true, from: 'inconclusive', to: 'real' },
      { path: '0.3.png', simulated: true, from: 'simulated', to: 'real' },
    ];
    expect(comparison).toMatchObject({ model: { id: first.id }, pictures: 6, auc: { difference: 0, p: 1 } });
    expect(comparison!.changes).toEqual(changed);
    await service.evaluate({ ...request, model: first.id }, options);
    expect(await promotionOf(workspace, first.id, second.id)).toMatchObject({
      ...{ from: first.id, to: second.id, compared: 6, changes: changed },
    });
    expect(await promotionOf(workspace, null, second.id)).toMatchObject({ from: null, changes: [] });
    const kept = await keptComparison(new EvaluationRepository(workspace), { from: first.id, to: second.id });
    expect(kept).toMatchObject({ pictures: 6, auc: { difference: 0 }, changes: changed });
    const [view] = (await new EvaluationRepository(workspace).ofModel(first.id)).map(viewOf);
    expect(view!.tiers).toMatchObject([{ tier: 'lossless', real: 3, simulated: 3 }]);
    expect(view!.robustness).toBeNull();
    expect(kept!.figures['fpr']!.from.value).toBeGreaterThan(kept!.figures['fpr']!.to.value!);
    // Each was called one way or the other by at least one of the two, which kept a picture of it.
    const { changes } = await promotionOf(workspace, first.id, second.id);
    for (const { thumbnail } of [...changes, ...kept!.changes])
      expect((await sharp(await workspace.blobs.read(thumbnail!)).metadata()).format).toBe('webp');
    const jobs = new JobService(new JobRepository(workspace.db));
    const verification = new VerificationService({ workspace, jobs });
    expect(await verification.verify()).toMatchObject({ ok: true });
    await jobs.close();
  });

  test('of two models on one list is a job, which tells each picture that failed once', async () => {
    const jobs = new JobService(new JobRepository(workspace.db));
    const [first, second] = (await models.list()).map(({ id }) => id);
    const file = await manifest([...lines, 'gone.png,real,']);
    const started = await startEvaluation(
      { jobs, evaluations: service, models },
      { manifest: file, models: [first!, second!], robustness: false },
    );
    const job = await jobs.wait(started.jobId);
    expect(job).toMatchObject({
      ...{ kind: 'evaluation', state: 'done' },
      result: {
        evaluations: [
          { modelId: first, judged: 6 },
          { modelId: second, judged: 6 },
        ],
        failed: [{ path: 'gone.png', error: { code: 'file_not_found' } }],
      },
    });
    const gone = startEvaluation(
      { jobs, evaluations: service, models },
      { manifest: file, models: ['1234'], robustness: false },
    );
    expect((await failureOf(gone)).code).toBe('not_found');
    await jobs.close();
  });

  test('with one label only says which figures cannot be had, and why', async () => {
    const { overall } = await evaluate(lines.slice(0, 4));
    expect(overall.figures.auc).toEqual({
      value: null,
      interval: null,
      reason: 'It needs pictures of both labels.',
    });
    expect(overall.figures.fpr.value).toBeCloseTo(1 / 3, 6);
    expect(overall.figures.fnr).toMatchObject({ value: null });
  });
});
