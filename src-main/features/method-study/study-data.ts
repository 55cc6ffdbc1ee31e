/**
 * The pictures of the study, out of a folder that is laid out like this (folders of one picture kind may be absent, those
 * marked * may not; masks are white where a picture was edited and carry its name):
 *
 *     real/bsds500/ *               photographs that are trained on
 *     real/bsds500_test/ *          photographs that the six test operations forge, and that false alarms are counted on
 *     real/imagenet_samples/, real/cameras_exif/, real/unsplash_portraits/     trained on beside them, where asked for
 *     real/casia1_au/, real/imd2020_orig/, real/ffhq_faces/, ...               never trained on
 *     manipulated/<source>/{images,masks,originals}/                           never trained on
 *     generated/<generator>/                                                   never trained on
 */
import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join, parse } from 'node:path';
import { AppError } from '#contract/errors.ts';
import { protocolVersion } from './protocol.ts';
import { sourceGroups } from './source-groups.ts';

export const photographChoices = ['bsds500', 'broad'] as const;
export type PhotographChoice = (typeof photographChoices)[number];

/** Folders of real photographs that are trained on. */
const trainingFolders: Record<PhotographChoice, readonly string[]> = {
  bsds500: ['bsds500'],
  broad: ['bsds500', 'imagenet_samples', 'cameras_exif', 'unsplash_portraits'],
};
const trainingRequired = 'bsds500';
const testFolder = 'bsds500_test';
/** Real photographs of sources that no choice trains on. */
const unseenReal = [
  'casia1_au',
  'imd2020_orig',
  'ffhq_faces',
  'gan_reference_samples',
  'pscc_samples',
  'mesonet_faces',
];
/** Their masks also cover the untouched regions that were copied, so that the pixels of the masks say nothing. */
const masksUnusable = ['erlangen_copymove'];

export interface StudyFile {
  /** Absolute. */
  path: string;
  /** Below the data folder, with forward slashes. */
  name: string;
  sha256: string;
}
/** A whole picture that is judged. */
export interface StudyPicture extends StudyFile {
  simulated: boolean;
  /** `real/casia1_au`, `manipulated/casia1_splice`, `generated/sdxl` */
  source: string;
  /** Absolute; null where there is none, or none that can be used. */
  mask: string | null;
  /** Pictures that share a source photograph are of one group. */
  group: string;
}
/** Manipulated or generated pictures against real ones. */
export interface StudySet {
  name: string;
  simulated: readonly string[];
  real: readonly string[];
}
export interface StudyData {
  training: StudyFile[];
  /** Photographs for the test operations and the false alarms. */
  test: StudyFile[];
  pictures: StudyPicture[];
  sets: StudySet[];
  /** SHA-256 over the protocol's version and the role, name and content of every file that the study reads. */
  hash: string;
}

const pictureName = /\.(jpe?g|png|webp|tiff?)$/i;

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder, { withFileTypes: true }).catch((cause: NodeJS.ErrnoException) => {
    if (cause.code === 'ENOENT') return [];
    throw AppError.from(cause);
  });
  return names.map(({ name }) => name).sort();
}

/** The pictures right in a folder of the data, by name; none where it is absent. */
async function filesIn(data: string, ...parts: string[]): Promise<StudyFile[]> {
  const folder = join(data, ...parts);
  const files: StudyFile[] = [];
  for (const file of await namesIn(folder)) {
    if (!pictureName.test(file)) continue;
    const path = join(folder, file);
    const sha256 = createHash('sha256')
      .update(await readFile(path))
      .digest('hex');
    files.push({ path, name: [...parts, file].join('/'), sha256 });
  }
  return files;
}

async function manipulated(data: string): Promise<StudyPicture[]> {
  const pictures: StudyPicture[] = [];
  for (const source of await namesIn(join(data, 'manipulated'))) {
    const part = `manipulated/${source}`;
    const masks = masksUnusable.includes(source) ? [] : await filesIn(data, 'manipulated', source, 'masks');
    const maskOf = new Map(masks.map(({ path }) => [parse(path).name, path]));
    for (const file of await filesIn(data, 'manipulated', source, 'images'))
      pictures.push({
        ...file,
        simulated: true,
        source: part,
        mask: maskOf.get(parse(file.path).name) ?? null,
        group: file.name,
      });
    for (const file of await filesIn(data, 'manipulated', source, 'originals'))
      pictures.push({
        ...file,
        simulated: false,
        source: `${part}/originals`,
        mask: null,
        group: file.name,
      });
  }
  return pictures;
}

async function sameKind(data: string, kind: string, sources: readonly string[]): Promise<StudyPicture[]> {
  const pictures: StudyPicture[] = [];
  for (const source of sources)
    for (const file of await filesIn(data, kind, source))
      pictures.push({
        ...file,
        simulated: kind === 'generated',
        source: `${kind}/${source}`,
        mask: null,
        group: file.name,
      });
  return pictures;
}

/** The sets that these pictures make up; one without pictures of both kinds is left out. */
function setsOf(pictures: readonly StudyPicture[]): StudySet[] {
  const sources = [...new Set(pictures.map(({ source }) => source))];
  const below = (...starts: string[]) => sources.filter((source) => starts.some((s) => source.startsWith(s)));
  const casia = below('manipulated/casia1_');
  const imd = below('manipulated/imd2020');
  const unseen = unseenReal.map((name) => `real/${name}`).filter((source) => sources.includes(source));
  const others = below('manipulated/').filter((source) => !casia.includes(source) && !imd.includes(source));
  const originals = others.filter((source) => source.endsWith('/originals'));
  const sets: StudySet[] = [
    { name: 'casia', simulated: casia, real: below('real/casia1_au') },
    { name: 'imd2020', simulated: imd, real: below('real/imd2020_orig') },
    {
      name: 'manipulated',
      simulated: others.filter((source) => !originals.includes(source)),
      real: [...unseen, ...originals],
    },
    { name: 'generated', simulated: below('generated/'), real: unseen },
  ];
  return sets.filter(({ simulated, real }) => simulated.length > 0 && real.length > 0);
}

/**
 * Lists and hashes what the study reads.
 * @throws AppError `file_not_found` where the folder, its training or its test photographs are not there
 */
export async function readStudyData(data: string, choice: PhotographChoice): Promise<StudyData> {
  const required = async (source: string): Promise<StudyFile[]> => {
    const files = await filesIn(data, 'real', source);
    if (files.length > 0) return files;
    throw new AppError('file_not_found', `There are no photographs in ${join(data, 'real', source)}.`, {
      hint: `Name a folder with real/${trainingRequired} and real/${testFolder} with --data.`,
    });
  };
  const test = await required(testFolder);
  const training = await required(trainingRequired);
  for (const folder of trainingFolders[choice])
    if (folder !== trainingRequired) training.push(...(await filesIn(data, 'real', folder)));
  const found = [
    ...(await sameKind(data, 'real', unseenReal)),
    ...(await manipulated(data)),
    ...(await sameKind(data, 'generated', await namesIn(join(data, 'generated')))),
  ];
  const groups = sourceGroups(found);
  const pictures = found.map((picture, i) => ({ ...picture, group: groups[i]! }));
  const digest = createHash('sha256').update(`protocol ${protocolVersion}\n`);
  const add = (role: string, files: readonly StudyFile[]): void => {
    for (const { name, sha256 } of files) digest.update(`${role}\t${name}\t${sha256}\n`);
  };
  add('training', training);
  add('test', test);
  add('judged', pictures);
  return { training, test, pictures, sets: setsOf(pictures), hash: digest.digest('hex') };
}
