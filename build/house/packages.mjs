/** The packages that the program is made of, as Node would find them, and what of each is packed. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';

/** Types, source maps, documentation, tests. */
const chaff =
  /(\.map|\.[cm]?ts|\.md|\.markdown|\.html|\.min\.js)$|(^|\/)(docs?|tests?|__tests__|examples?|coverage|\.github)\//;
export const licenceFile = /(^|\/)(licen[cs]e|notice|copying)[^/]*$/i;

/** Of these packages only what runs is kept; all others go whole but for `chaff`. `here` is `<platform>-<arch>`. */
const keptOf = (platform, arch) => [
  [/^@tensorflow\//, /^(package\.json|dist\/[^/]*\.(node\.js|wasm))$/],
  [/^onnxruntime-node$/, new RegExp(`^(package\\.json|dist/.*|bin/napi-v\\d+/${platform}/${arch}/.*)$`)],
  [/^bullmq$/, /^(package\.json|dist\/cjs\/.*\.js)$/],
  [/^world-atlas$/, /^(package\.json|land-110m\.json)$/],
  [/^luxon$/, /^(package\.json|build\/node\/luxon\.js)$/],
  [/^better-sqlite3$/, new RegExp(`^(package\\.json|lib/.*|prebuilds/${platform}-${arch}\\.node)$`)],
];

/** Whether a file of a package, named from its folder, is packed for a platform. */
export function isPacked(packageName, file, platform = 'linux', arch = 'x64') {
  if (licenceFile.test(file)) return true;
  const [, kept] = keptOf(platform, arch).find(([pattern]) => pattern.test(packageName)) ?? [];
  return kept ? kept.test(file) : !chaff.test(file);
}

/** The folder of a package as Node finds it from `from`; null where it is not installed. */
function folderOf(packageName, from, project) {
  for (let folder = from; ; folder = dirname(folder)) {
    const found = join(folder, 'node_modules', packageName);
    if (existsSync(join(found, 'package.json'))) return found;
    if (folder === project) return null;
  }
}

const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json')));

/**
 * Folders of all packages that the project needs to run, by their paths from the project; development packages are not
 * among them, nor its optional ones. Optional packages of packages are, where they are installed. `named` starts elsewhere
 * than at the project's own dependencies.
 */
export function neededPackages(project, named = manifestIn(project).dependencies) {
  const found = new Map();
  const visit = (folder, dependencies, optional) => {
    for (const packageName of Object.keys(dependencies)) {
      const at = folderOf(packageName, folder, project);
      if (!at && optional) continue;
      if (!at) throw new Error(`${packageName}, which ${folder} needs, is not installed`);
      const path = relative(project, at).split(sep).join('/');
      if (found.has(path)) continue;
      found.set(path, packageName);
      const { dependencies: required = {}, optionalDependencies = {} } = manifestIn(at);
      visit(at, required, false);
      visit(at, optionalDependencies, true);
    }
  };
  visit(project, named, false);
  return found;
}

/** Every file of a package but those of packages inside it, named from its folder. */
export function* filesOf(folder, below = '') {
  for (const entry of readdirSync(join(folder, below), { withFileTypes: true })) {
    const path = below === '' ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* filesOf(folder, path);
    } else yield path;
  }
}
