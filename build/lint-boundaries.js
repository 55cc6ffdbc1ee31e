/**
 * The directions of knowledge, as a lint rule: for each folder, what it may import. Works on static and dynamic
 * imports, re-exports and `require`, and sees through relative paths as well as `#` aliases.
 */
import { relative, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');
const natives = ['electron', 'sharp', 'better-sqlite3', 'onnxruntime-node', '@tensorflow/tfjs-node-gpu'];

/**
 * `sees`: the folders (or single files) of the project that a folder may import, besides itself.
 * `packages`: the only packages that it may import; `notPackages`: those that it may not; `node`: whether `node:*`.
 */
export const boundaries = {
  'src-main/contract': { sees: [], packages: ['zod'], node: false },
  'src-main/transport': { sees: ['src-main/contract'], packages: ['@msgpack/msgpack'], node: false },
  'src-main/engine': { sees: [], packages: ['@tensorflow/tfjs-core'], node: false },
  'src-main/compiler': {
    sees: ['src-main/contract', 'src-main/engine/ports.ts'],
    notPackages: natives,
    node: true,
  },
  'src-main/storage': { sees: ['src-main/contract'], notPackages: ['electron'], node: true },
  'src-main/inference': {
    sees: [
      'src-main/contract',
      'src-main/engine',
      'src-main/compute/decoding',
      'src-main/compiler/onnx-file.ts',
    ],
    notPackages: ['electron', 'better-sqlite3'],
    node: true,
  },
  'src-main/analysis': {
    sees: ['src-main/contract', 'src-main/engine', 'src-main/compute/decoding'],
    notPackages: ['electron', 'better-sqlite3'],
    node: true,
  },
  'src-main/compute': {
    sees: [
      'src-main/contract',
      'src-main/engine',
      'src-main/compiler',
      'src-main/inference',
      'src-main/analysis',
    ],
    notPackages: ['electron', 'better-sqlite3'],
    node: true,
  },
  'src-main/features': {
    sees: [
      'src-main/contract',
      'src-main/transport',
      'src-main/engine',
      'src-main/compiler',
      'src-main/inference',
      'src-main/analysis',
      'src-main/compute',
      'src-main/storage',
    ],
    notPackages: ['electron'],
    node: true,
  },
  'src-main/hosts': { sees: ['src-main', 'package.json'], notPackages: [], node: true },
  'src-preload': { sees: ['src-main/contract'], packages: ['electron'], node: false },
  'src-renderer': {
    sees: ['src-main/contract', 'src-main/transport'],
    notPackages: [...natives, '@trpc/server', 'kysely', 'ws'],
    node: false,
  },
};

/** Packages that one file loads, so that it is done as it must be; others may know their types. */
const loadedBy = { 'onnxruntime-node': 'src-main/inference/onnx-runtime.ts' };

/** Only the headless host and the command line live here; they run where there is no Electron. */
const noElectron = 'src-main/hosts/node';

const inside = (path, folder) => path === folder || path.startsWith(`${folder}/`);
const packageName = (specifier) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** The project file that a specifier names, relative to the root with forward slashes; null for a package. */
function projectPath(specifier, filename) {
  if (specifier.startsWith('#')) {
    const path = specifier.slice(1);
    if (path.startsWith('renderer/')) return `src-renderer/${path.slice('renderer/'.length)}`;
    return path.startsWith('tests/') ? path : `src-main/${path}`;
  }
  if (!specifier.startsWith('.')) return null;
  return relative(root, resolve(filename, '..', specifier)).replaceAll('\\', '/');
}

/** Why `specifier` may not be imported by the file, or null where it may. Exported for the tests of the rule. */
export function violation(specifier, filename, { typesOnly = false } = {}) {
  const file = relative(root, filename).replaceAll('\\', '/');
  const loader = loadedBy[packageName(specifier)];
  if (loader && file !== loader && !typesOnly) return `only ${loader} may load the package ${specifier}`;
  const entry = Object.entries(boundaries).find(([folder]) => inside(file, folder));
  if (!entry) return null;
  const [folder, rule] = entry;
  const target = projectPath(specifier, filename);
  if (target !== null) {
    const allowed = inside(target, folder) || rule.sees.some((seen) => inside(target, seen));
    return allowed ? null : `${folder} may not know ${target}`;
  }
  if (specifier.startsWith('node:')) return rule.node ? null : `${folder} may not use Node's own modules`;
  const name = packageName(specifier);
  const refused =
    (rule.packages && !rule.packages.includes(name)) ||
    rule.notPackages?.includes(name) ||
    (name === 'electron' && inside(file, noElectron));
  return refused
    ? `${inside(file, noElectron) ? noElectron : folder} may not import the package ${name}`
    : null;
}

/** The ESLint rule. */
const rule = {
  meta: { type: 'problem', schema: [], messages: { boundary: '{{why}}.' } },
  create(context) {
    const check = (node, typesOnly = false) => {
      if (node?.type !== 'Literal' || typeof node.value !== 'string') return;
      const why = violation(node.value, context.filename, { typesOnly });
      if (why) context.report({ node, messageId: 'boundary', data: { why } });
    };
    return {
      ImportDeclaration: (node) => check(node.source, node.importKind === 'type'),
      ImportExpression: (node) => check(node.source),
      ExportNamedDeclaration: (node) => check(node.source),
      ExportAllDeclaration: (node) => check(node.source),
      TSImportType: (node) => check(node.source ?? node.argument?.literal, true),
      'CallExpression[callee.name="require"]': (node) => check(node.arguments[0]),
    };
  },
};

export default { meta: { name: 'pentimento' }, rules: { boundaries: rule } };
