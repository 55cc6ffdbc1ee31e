/**
 * A program that works in a workspace until it is killed, and says on stdout what it has been told is done: never before it
 * is, and at once after. Its arguments: what it does, the workspace, and a folder of pictures, or the one that files move to.
 */
import { writeSync } from 'node:fs';
import { Workspace } from '#storage/workspace.ts';

const [kind = '', folder = '', pictures = ''] = process.argv.slice(2);
const say = (...words: (string | number)[]): number => writeSync(1, `${words.join(' ')}\n`);

if (kind === 'migration') say('opening');
const workspace = await Workspace.open(folder, { holder: 'a busy program' });
if (kind === 'migration') {
  say('opened');
  setInterval(() => undefined, 1000);
}
if (kind === 'detection') {
  const { DetectionService } = await import('#features/detection/detection.service.ts');
  const { JobRepository } = await import('#features/jobs/job.repository.ts');
  const { JobService } = await import('#features/jobs/job.service.ts');
  const { ModelService } = await import('#features/models/model.service.ts');
  const models = new ModelService(workspace);
  const jobs = new JobService(new JobRepository(workspace.db));
  const detection = new DetectionService({ workspace, models, jobs, programVersion: '1.2.3' });
  say('open');
  for (;;)
    for await (const item of detection.judge([pictures], await models.resolve()))
      if (item.kind === 'verdict') say('verdict', item.verdict.id);
}
if (kind === 'moving') {
  const { JobRepository } = await import('#features/jobs/job.repository.ts');
  const { JobService } = await import('#features/jobs/job.service.ts');
  const { StoredFilesService } = await import('#features/stored-files/stored-files.service.ts');
  const jobs = new JobService(new JobRepository(workspace.db));
  const files = new StoredFilesService({ workspace, jobs });
  say('open');
  for (;;) {
    const { own } = await files.where();
    const { jobId } = await files.move(own ? pictures : null);
    const job = await jobs.wait(jobId);
    if (job.state !== 'done') throw new Error(JSON.stringify(job));
    say('moved');
  }
}
if (kind === 'backup') {
  const { BackupService } = await import('#features/backups/backup.service.ts');
  const { SettingsService } = await import('#features/settings/settings.service.ts');
  const settings = new SettingsService(workspace);
  const backups = new BackupService(workspace);
  say('open');
  for (let turn = 0; ; turn++) {
    const changed = settings.change({ examiner: `Examiner ${turn} of ${process.pid}` });
    const [backup] = await Promise.all([backups.create(), changed]);
    say('entries', workspace.audit.head().entries);
    say('backup', backup.name);
  }
}
if (kind === 'labelling') {
  const { createDatasets } = await import('#features/datasets/create-datasets.ts');
  const { JobRepository } = await import('#features/jobs/job.repository.ts');
  const { JobService } = await import('#features/jobs/job.service.ts');
  const renderScenes = async function* (): AsyncGenerator<never> {};
  const jobs = new JobService(new JobRepository(workspace.db));
  const { editing } = createDatasets({ workspace, jobs, renderScenes });
  say('open');
  for (let turn = 0; ; turn++) {
    const label = turn % 2 === 0 ? 'reference' : 'real';
    const edit = editing.edit({ dataset: 'Photographs', items: {}, change: { kind: 'label', label } });
    // The first one changes nothing where a killed program had made it already.
    const made = turn === 0 ? await edit.catch(() => null) : await edit;
    if (made) say('edit', made.edit.id);
  }
}
