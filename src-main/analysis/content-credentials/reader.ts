/**
 * The official C2PA reader (c2pa-rs as WebAssembly) on bytes in memory. It was made for browsers: it asks for a FileReaderSync and
 * for Blobs, of which it uses a size and slices. It fetches nothing: manifests elsewhere and revocation are left alone.
 */
import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { AppError } from '#contract/errors.ts';

export type Reading =
  | { state: 'read'; store: ManifestStore }
  | { state: 'none' | 'unsupported' | 'remote' | 'unreadable'; reason: string };

export interface ValidationStatus {
  code: string;
  explanation?: string;
}
export interface Manifest {
  title?: string;
  claim_generator?: string;
  claim_generator_info?: { name?: string; version?: string }[];
  assertions?: { label: string; data?: unknown }[];
  ingredients?: { title?: string; relationship?: string; active_manifest?: string }[];
  signature_info?: {
    issuer?: string;
    common_name?: string;
    time?: string;
    alg?: string;
    cert_serial_number?: string;
  };
}
export interface ManifestStore {
  active_manifest?: string;
  manifests: Record<string, Manifest>;
  validation_status?: ValidationStatus[];
  validation_state?: string;
}

/** Bytes that look to the reader like a Blob. */
class BytesBlob {
  readonly bytes: Uint8Array;
  readonly size: number;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.size = bytes.length;
  }

  slice(from?: number, to?: number): BytesBlob {
    return new BytesBlob(this.bytes.subarray(from, to));
  }
}

const fileReaderSync = class {
  readAsArrayBuffer({ bytes }: BytesBlob): ArrayBuffer {
    return new Uint8Array(bytes).buffer;
  }
};

type Module = typeof import('@contentauth/c2pa-wasm');
let loaded: Promise<Module> | undefined;

async function load(): Promise<Module> {
  Object.assign(globalThis, { FileReaderSync: fileReaderSync });
  const module = await import('@contentauth/c2pa-wasm');
  const file = createRequire(import.meta.url).resolve('@contentauth/c2pa-wasm/c2pa.wasm');
  module.initSync({ module: readFileSync(file) });
  return module;
}

/** @throws AppError `invalid_input` where it is no list of certificates */
function checkCertificates(list: string): void {
  const blocks = list.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? [];
  try {
    for (const block of blocks) new X509Certificate(block);
    if (blocks.length > 0) return;
  } catch (cause) {
    throw new AppError('invalid_input', 'The trust list holds a certificate that cannot be read.', { cause });
  }
  throw new AppError('invalid_input', 'The trust list holds no certificate (PEM).');
}

/**
 * @param trustAnchors certificates as PEM; no trust is judged where there are none
 * @throws AppError `invalid_input` where they are no certificates
 */
export async function readManifests(
  bytes: Uint8Array,
  mediaType: string,
  trustAnchors: string,
): Promise<Reading> {
  if (trustAnchors !== '') checkCertificates(trustAnchors);
  const { WasmReader } = await (loaded ??= load());
  const trust = trustAnchors === '' ? {} : { trust: { trust_anchors: trustAnchors } };
  const settings = {
    verify: { verify_trust: trustAnchors !== '', remote_manifest_fetch: false, ocsp_fetch: false },
    ...trust,
  };
  try {
    const blob = new BytesBlob(bytes) as unknown as Blob;
    const reader = await WasmReader.fromBlob(mediaType, blob, JSON.stringify(settings));
    try {
      return { state: 'read', store: JSON.parse(reader.json()) as ManifestStore };
    } finally {
      reader.free();
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    if (reason.includes('JumbfNotFound')) return { state: 'none', reason };
    if (reason.includes('UnsupportedType')) return { state: 'unsupported', reason };
    // What was asked is wrong, not the file.
    if (reason.includes('BadParam'))
      throw new AppError('internal', `The C2PA reader refused its settings: ${reason}.`);
    return { state: reason.includes('RemoteManifest') ? 'remote' : 'unreadable', reason };
  }
}

/** The module, for tests that sign pictures of their own. */
export const c2paModule = (): Promise<Module> => (loaded ??= load());
/** Bytes as the module takes them. */
export const asBlob = (bytes: Uint8Array): Blob => new BytesBlob(bytes) as unknown as Blob;
