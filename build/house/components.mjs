/** What the packed program consists of: its licence notices, and its bill of materials (CycloneDX 1.6). */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { filesOf, licenceFile, neededPackages } from './packages.mjs';

const manifestIn = (folder) => JSON.parse(readFileSync(join(folder, 'package.json')));

/** Development packages that the bundler puts into the renderer: those that its sources and the transport import. */
function bundledPackages(project) {
  const { devDependencies } = manifestIn(project);
  const names = new Set(['svelte']);
  for (const folder of ['src-renderer', 'src-main'])
    for (const file of readdirSync(join(project, folder), { recursive: true, encoding: 'utf8' })) {
      if (!/\.(ts|svelte|css)$/.test(file)) continue;
      const text = readFileSync(join(project, folder, file), 'utf8');
      for (const [, name] of text.matchAll(/(?:from |import |import\(|url\()['"]((?:@[\w.-]+\/)?[\w.-]+)/g))
        if (name in devDependencies && name !== 'electron') names.add(name);
    }
  return neededPackages(project, Object.fromEntries([...names].map((name) => [name, ''])));
}

const licenceOf = ({ license, licenses }) =>
  typeof license === 'string'
    ? license
    : (license?.type ?? licenses?.map(({ type }) => type).join(' OR ') ?? '');

/** Every package in the packed program, by name and version: `{ name, version, licence, texts, path }`. */
export function components(project) {
  const all = new Map([...neededPackages(project), ...bundledPackages(project)]);
  const found = [...all.keys()].map((path) => {
    const folder = join(project, path);
    const manifest = manifestIn(folder);
    const files = [...filesOf(folder)].filter(
      (file) => licenceFile.test(file) && !/\.[cm]?[jt]s$/.test(file),
    );
    const texts = files.toSorted().map((file) => readFileSync(join(folder, file), 'utf8').trim());
    return { name: manifest.name, version: manifest.version, licence: licenceOf(manifest), texts, path };
  });
  return found.toSorted((a, b) => (a.path < b.path ? -1 : 1));
}

/** The notices of all components as one text. @throws Error where one says nothing of its licence */
export function notices(list, electronVersion) {
  const parts = list.map(({ name, version, licence, texts }) => {
    if (licence === '' && texts.length === 0)
      throw new Error(`${name} ${version} says nothing of its licence`);
    const body =
      texts.length > 0 ? texts.join('\n\n') : `Licensed under ${licence}; the package carries no text.`;
    return `${name} ${version} (${licence || 'see below'})\n\n${body}`;
  });
  const electron = `Electron ${electronVersion} (MIT), with Chromium and others: see LICENSE.electron.txt and LICENSES.chromium.html beside the program.`;
  return `Parts of this program by others\n\n${[electron, ...parts].join(`\n\n${'-'.repeat(80)}\n\n`)}\n`;
}

/** Of a package whose manifest names no licence, what it says itself. */
const statedBy = ({ name, texts }) => ({
  name: `as ${name} states it`,
  text: { content: texts.join('\n\n') },
});

/** A CycloneDX 1.6 document. It has no time and no serial number, so that the same build gives the same bytes. */
export function billOfMaterials(list, project) {
  const { name, version, license, devDependencies } = manifestIn(project);
  const { packages } = JSON.parse(readFileSync(join(project, 'package-lock.json')));
  const purl = (of, at) => `pkg:npm/${of.replace('@', '%40')}@${at}`;
  const hashes = (path) => {
    const [algorithm, digest] = (packages[path]?.integrity ?? '').split('-');
    return algorithm === 'sha512'
      ? [{ alg: 'SHA-512', content: Buffer.from(digest, 'base64').toString('hex') }]
      : [];
  };
  const component = (part) => ({
    type: 'library',
    'bom-ref': part.path,
    name: part.name,
    version: part.version,
    purl: purl(part.name, part.version),
    licenses: [part.licence ? { expression: part.licence } : { license: statedBy(part) }],
    ...(hashes(part.path).length > 0 ? { hashes: hashes(part.path) } : {}),
  });
  const electron = {
    name: 'electron',
    version: devDependencies.electron,
    licence: 'MIT',
    path: 'node_modules/electron',
  };
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      component: { type: 'application', name, version, licenses: [{ license: { id: license } }] },
    },
    components: [electron, ...list].map(component),
  };
}
