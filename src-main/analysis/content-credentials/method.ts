/** C2PA content credentials: whether there are any, whether they are intact, who signed them, and what they say was done. */
import { z } from 'zod';
import type { AnalysisResult } from '#contract/analysis.ts';
import { defineAnalysis, NotRun, type Findings } from '../analysis.ts';
import { library } from '../library.ts';
import { readManifests, type Manifest, type ManifestStore, type ValidationStatus } from './reader.ts';

type Found = Findings['findings'][number];

const mediaTypes: Record<string, string> = {
  ...{ jpeg: 'image/jpeg', png: 'image/png', webp: 'image/webp', tiff: 'image/tiff' },
  ...{ avif: 'image/avif', heif: 'image/heic', gif: 'image/gif' },
};
const untrusted = 'signingCredential.untrusted';
const syntheticMedia = /trainedAlgorithmicMedia|algorithmicMedia|compositeWithTrainedAlgorithmicMedia/;
/** Manifests, actions and ingredients that are listed. */
const mostListed = 200;

export const contentCredentials = defineAnalysis({
  name: 'content-credentials',
  title: 'Content credentials (C2PA)',
  question: 'Does the file carry signed statements of its origin, are they intact, and who signed them?',
  limits:
    'A credential says who signed which statements, not that they are true. That there is none says nothing. Revocation and ' +
    'manifests kept elsewhere are not looked up, because nothing is fetched.',
  version: 2,
  asks: 'trust-list',
  needs: 'file',
  formats: Object.keys(mediaTypes),
  libraries: [library('@contentauth/c2pa-wasm')],
  parameters: z.object({
    trustAnchors: z
      .string()
      .max(2_000_000)
      .default('')
      .describe(
        'Certificates as PEM that signers are judged by, in place of the trust list that was imported.',
      ),
    trustListDate: z.string().max(40).default('').describe('Date of these certificates.'),
  }),
  async run(picture, given, _signal, _references, { trust }): Promise<Findings> {
    const imported = given.trustAnchors === '' && trust !== undefined;
    const trustAnchors = imported ? trust.pem : given.trustAnchors;
    const trustListDate = imported ? trust.date : given.trustListDate;
    const read = await readManifests(picture.bytes, mediaTypes[picture.format!]!, trustAnchors);
    switch (read.state) {
      case 'none':
        return one('no-manifest', 'fact', 'No manifest: the file carries no content credentials.');
      case 'unsupported':
        throw new NotRun(`The reader does not know ${picture.format!.toUpperCase()} files.`);
      case 'remote':
        return one(
          'manifest-elsewhere',
          'notice',
          'The file names a manifest that lies elsewhere; it was not fetched.',
        );
      case 'unreadable':
        return one(
          'manifest-unreadable',
          'unreadable',
          `There is a manifest, which cannot be read (${read.reason}).`,
        );
      case 'read':
        return described(read.store, {
          trustAnchors,
          trustListDate,
          list: imported ? { name: trust.name, date: trust.date, sha256: trust.sha256 } : null,
        });
    }
  },
});

const one = (code: string, severity: Found['severity'], sentence: string): Findings => ({
  findings: [{ code, severity, sentence }],
});

interface Trust {
  trustAnchors: string;
  trustListDate: string;
  /** The imported one; null where the certificates were given as a parameter, or there are none. */
  list: { name: string; date: string; sha256: string } | null;
}

function described(store: ManifestStore, trust: Trust): Findings {
  const active = store.manifests[store.active_manifest ?? ''];
  if (!active)
    return one('manifest-unreadable', 'unreadable', 'There are manifests, but none is the active one.');
  const problems = (store.validation_status ?? []).filter(({ code }) => code !== untrusted);
  return {
    findings: [
      integrity(store, problems),
      signer(active),
      trusted(store, trust),
      {
        ...{ code: active.signature_info?.time ? 'time-stamp' : 'no-time-stamp', severity: 'fact' },
        sentence: active.signature_info?.time
          ? `Signed at ${active.signature_info.time}.`
          : 'The signature has no time-stamp of a third party.',
      },
      {
        ...{ code: 'revocation-not-checked', severity: 'fact' },
        sentence: 'Whether the certificate was revoked was not checked: that needs a network.',
      },
      ...synthetic(store),
    ],
    details: {
      manifests: listed(store),
      trustList: trust.list,
      validation: problems.slice(0, mostListed).map((status) => ({ ...status })),
    },
  };
}

function integrity({ validation_state }: ManifestStore, problems: readonly ValidationStatus[]): Found {
  if (validation_state === 'Invalid' || problems.length > 0)
    return {
      ...{
        code: 'manifest-invalid',
        severity: 'contradiction',
        data: { problems: problems.slice(0, 20).map(({ code }) => code) },
      },
      sentence: `The manifest is invalid: ${
        problems
          .slice(0, 3)
          .map(({ code, explanation }) => explanation ?? code)
          .join('; ') || 'the reader says so'
      }.`,
    };
  return {
    ...{ code: 'manifest-intact', severity: 'fact' },
    sentence:
      'The manifest and what it binds are as they were when they were signed. That does not make its statements true.',
  };
}

function signer({ signature_info: info, claim_generator_info: programs }: Manifest): Found {
  const who = [info?.common_name, info?.issuer].filter(Boolean).join(', ') || 'a certificate without a name';
  const by = programs?.map(({ name, version }) => [name, version].filter(Boolean).join(' ')).join(', ');
  return {
    ...{
      code: 'signer',
      severity: 'fact',
      data: { who, algorithm: info?.alg ?? null, serial: info?.cert_serial_number ?? null },
    },
    sentence: `Signed by ${who}${by ? `, made with ${by}` : ''}.`,
  };
}

function trusted(
  { validation_status = [], validation_state }: ManifestStore,
  { trustAnchors, trustListDate }: Trust,
): Found {
  if (trustAnchors === '')
    return {
      ...{ code: 'trust-not-checked', severity: 'fact' },
      sentence: 'Whether the signer is trusted was not judged: no trust list was given.',
    };
  const list = trustListDate === '' ? 'the trust list that was given' : `the trust list of ${trustListDate}`;
  if (validation_status.some(({ code }) => code === untrusted))
    return { code: 'signer-untrusted', severity: 'notice', sentence: `The signer is not on ${list}.` };
  return validation_state === 'Trusted'
    ? { code: 'signer-trusted', severity: 'fact', sentence: `The signer is on ${list}.` }
    : {
        code: 'trust-not-known',
        severity: 'notice',
        sentence: `Whether the signer is on ${list} cannot be told.`,
      };
}

function synthetic({ manifests }: ManifestStore): Found[] {
  const saysSo = Object.values(manifests).some(({ assertions = [] }) =>
    assertions.some(
      ({ label, data }) =>
        label.startsWith('c2pa.actions') && syntheticMedia.test(JSON.stringify(data ?? null)),
    ),
  );
  return saysSo
    ? [
        {
          ...{ code: 'synthetic-media', severity: 'notice' },
          sentence: 'The credentials say that the picture, or a part of it, was made by an algorithm.',
        },
      ]
    : [];
}

/** Manifests with their actions and ingredients, from which the tree is drawn. */
function listed({ manifests, active_manifest }: ManifestStore): AnalysisResult['details'][string] {
  return Object.entries(manifests)
    .slice(0, mostListed)
    .map(([label, { title, assertions = [], ingredients = [] }]) => ({
      ...{ label, title: title ?? null, active: label === active_manifest },
      assertions: assertions.slice(0, mostListed).map((assertion) => assertion.label),
      actions: assertions
        .filter((assertion) => assertion.label.startsWith('c2pa.actions'))
        .flatMap(
          ({ data }) =>
            (data as { actions?: { action?: string; when?: string }[] } | undefined)?.actions ?? [],
        )
        .slice(0, mostListed)
        .map(({ action, when }) => ({ action: action ?? '', when: when ?? null })),
      ingredients: ingredients
        .slice(0, mostListed)
        .map(({ title: name, relationship, active_manifest: from }) => ({
          ...{ title: name ?? null, relationship: relationship ?? null, manifest: from ?? null },
        })),
    }));
}
