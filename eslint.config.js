/** Lint: recommended rules for TypeScript and Svelte, the house's own habits, and the directions of knowledge. */
import js from '@eslint/js';
import svelte from 'eslint-plugin-svelte';
import { defineConfig, globalIgnores } from 'eslint/config';
import globals from 'globals';
import ts from 'typescript-eslint';
import pentimento from './build/lint-boundaries.js';
import svelteConfig from './svelte.config.js';

/** Names that belong to an environment in which portable code does not run. */
const hostGlobals = [
  ...['process', 'Buffer', 'require', 'global', 'setImmediate', '__dirname', '__filename'],
  ...['window', 'document', 'navigator', 'location', 'localStorage', 'self', 'fetch', 'WebSocket'],
];

export default defineConfig(
  globalIgnores(['out/', 'dist/', 'node_modules/', 'screenshots/', 'test-results/']),
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    linterOptions: { reportUnusedDisableDirectives: 'error', reportUnusedInlineConfigs: 'error' },
    languageOptions: { globals: { ...globals.browser, ...globals.node } },
    rules: {
      'no-undef': 'off', // the type checker knows better
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': [
        'error',
        { fixStyle: 'separate-type-imports', disallowTypeAnnotations: false },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { extraFileExtensions: ['.svelte'], parser: ts.parser, svelteConfig } },
    rules: {
      'prefer-const': 'off', // where props are taken apart, one bindable among them makes the rest `let`
      'svelte/prefer-const': ['error', { destructuring: 'all', excludedRunes: ['$props', '$derived'] }],
    },
  },
  {
    files: ['src-main/**/*.ts', 'src-preload/**/*.ts', 'src-renderer/**/*.{ts,svelte}', 'tests/**/*.ts'],
    plugins: { pentimento },
    rules: { 'pentimento/boundaries': 'error' },
  },
  {
    // A promise that nobody awaits hides its failure; finding one needs types.
    files: ['src-main/**/*.ts', 'src-renderer/**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, extraFileExtensions: ['.svelte'] } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
    },
  },
  {
    files: ['src-main/engine/**/*.ts', 'src-main/contract/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', ...hostGlobals] },
  },
);
