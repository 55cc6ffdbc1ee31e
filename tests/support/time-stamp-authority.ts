/** A time-stamping authority for tests: a root certificate, one for time stamps under it, and tokens signed with that. */
import { createHash, X509Certificate, type webcrypto } from 'node:crypto';
import { Integer, Null, ObjectIdentifier, OctetString, Sequence, Utf8String } from 'asn1js';
import {
  Accuracy,
  AlgorithmIdentifier,
  Attribute,
  AttributeTypeAndValue,
  BasicConstraints,
  Certificate,
  ContentInfo,
  EncapsulatedContentInfo,
  ExtKeyUsage,
  Extension,
  IssuerAndSerialNumber,
  MessageImprint,
  PKIStatusInfo,
  SignedAndUnsignedAttributes,
  SignedData,
  SignerInfo,
  TSTInfo,
  TimeStampResp,
} from 'pkijs';

const key = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const day = 86_400_000;

export type Wishes = {
  at?: Date;
  /** How the token says that it was hashed; the default is SHA-256. */
  imprintAlgorithm?: string;
  /** What the signature is over, in place of the digest of the content. */
  contentDigest?: Buffer;
  /** The certificate that the signature names, in place of the one that signs. */
  named?: Certificate;
  withoutCertificate?: boolean;
  withoutName?: boolean;
  hash?: 'SHA-1' | 'SHA-256';
};

export class TimeStampAuthority {
  readonly root: Certificate;
  readonly #certificate: Certificate;
  readonly #keys: webcrypto.CryptoKeyPair;

  private constructor(root: Certificate, certificate: Certificate, keys: webcrypto.CryptoKeyPair) {
    this.root = root;
    this.#certificate = certificate;
    this.#keys = keys;
  }

  /** @param purposes of the certificate's extended key usage */
  static async found(
    name: string,
    { purposes = ['1.3.6.1.5.5.7.3.8'], validDays = 3650 }: { purposes?: string[]; validDays?: number } = {},
  ): Promise<TimeStampAuthority> {
    const rootKeys = await keyPair();
    const keys = await keyPair();
    const root = await certificate(`${name} root`, { keys: rootKeys, by: null, serial: 1, validDays: 3650 }, [
      new Extension({
        ...{ extnID: '2.5.29.19', critical: true },
        extnValue: new BasicConstraints({ cA: true }).toSchema().toBER(),
      }),
    ]);
    const own = await certificate(name, { keys, by: { root, keys: rootKeys }, serial: 2, validDays }, [
      new Extension({
        ...{ extnID: '2.5.29.37', critical: true },
        extnValue: new ExtKeyUsage({ keyPurposes: purposes }).toSchema().toBER(),
      }),
    ]);
    return new TimeStampAuthority(root, own, keys);
  }

  get rootPem(): string {
    return new X509Certificate(derOf(this.root)).toString();
  }

  get certificateSha256(): string {
    return createHash('sha256').update(derOf(this.#certificate)).digest('hex');
  }

  /** A bare token (.tst) of a digest in hexadecimal. */
  async token(digest: string, wishes: Wishes = {}): Promise<Buffer> {
    return Buffer.from((await this.#content(digest, wishes)).toSchema().toBER());
  }

  /** A response (.tsr) that holds it. */
  async response(digest: string, wishes: Wishes = {}): Promise<Buffer> {
    const status = new PKIStatusInfo({ status: 0 });
    const response = new TimeStampResp({ status, timeStampToken: await this.#content(digest, wishes) });
    return Buffer.from(response.toSchema().toBER());
  }

  async #content(digest: string, wishes: Wishes): Promise<ContentInfo> {
    const { hash = 'SHA-256' } = wishes;
    const info = new TSTInfo({
      version: 1,
      policy: '1.2.3.4.1',
      messageImprint: new MessageImprint({
        hashAlgorithm: new AlgorithmIdentifier({
          algorithmId: wishes.imprintAlgorithm ?? '2.16.840.1.101.3.4.2.1',
          algorithmParams: new Null(),
        }),
        hashedMessage: new OctetString({ valueHex: Buffer.from(digest, 'hex') }),
      }),
      serialNumber: new Integer({ value: 77 }),
      genTime: wishes.at ?? new Date(),
      accuracy: new Accuracy({ seconds: 1, millis: 500 }),
    });
    const content = Buffer.from(info.toSchema().toBER());
    const contentDigest =
      wishes.contentDigest ?? createHash(hash.replace('-', '').toLowerCase()).update(content).digest();
    const named = createHash('sha256')
      .update(derOf(wishes.named ?? this.#certificate))
      .digest();
    const attributes = [
      new Attribute({
        type: '1.2.840.113549.1.9.3',
        values: [new ObjectIdentifier({ value: '1.2.840.113549.1.9.16.1.4' })],
      }),
      new Attribute({ type: '1.2.840.113549.1.9.4', values: [new OctetString({ valueHex: contentDigest })] }),
    ];
    const id = new Sequence({ value: [new OctetString({ valueHex: named })] });
    if (!wishes.withoutName)
      attributes.push(
        new Attribute({
          type: '1.2.840.113549.1.9.16.2.47',
          values: [new Sequence({ value: [new Sequence({ value: [id] })] })],
        }),
      );
    const signed = new SignedData({
      version: 3,
      encapContentInfo: new EncapsulatedContentInfo({
        eContentType: '1.2.840.113549.1.9.16.1.4',
        eContent: new OctetString({ valueHex: content }),
      }),
      signerInfos: [
        new SignerInfo({
          version: 1,
          sid: new IssuerAndSerialNumber({
            issuer: this.#certificate.issuer,
            serialNumber: this.#certificate.serialNumber,
          }),
          signedAttrs: new SignedAndUnsignedAttributes({ type: 0, attributes }),
        }),
      ],
      ...(wishes.withoutCertificate ? {} : { certificates: [this.#certificate] }),
    });
    await signed.sign(this.#keys.privateKey, 0, hash);
    return new ContentInfo({ contentType: '1.2.840.113549.1.7.2', content: signed.toSchema(true) });
  }
}

const derOf = (certificate: Certificate): Buffer => Buffer.from(certificate.toSchema().toBER());

const keyPair = async (): Promise<webcrypto.CryptoKeyPair> =>
  crypto.subtle.generateKey(key, true, ['sign', 'verify']);

async function certificate(
  name: string,
  of: {
    keys: webcrypto.CryptoKeyPair;
    by: { root: Certificate; keys: webcrypto.CryptoKeyPair } | null;
    serial: number;
    validDays: number;
  },
  extensions: Extension[],
): Promise<Certificate> {
  const made = new Certificate();
  made.version = 2;
  made.serialNumber = new Integer({ value: of.serial });
  made.subject.typesAndValues.push(
    new AttributeTypeAndValue({ type: '2.5.4.3', value: new Utf8String({ value: name }) }),
    new AttributeTypeAndValue({ type: '2.5.4.10', value: new Utf8String({ value: 'Tests' }) }),
  );
  made.issuer = of.by?.root.subject ?? made.subject;
  made.notBefore.value = new Date(Date.now() - of.validDays * day);
  made.notAfter.value = new Date(Date.now() + of.validDays * day);
  made.extensions = extensions;
  await made.subjectPublicKeyInfo.importKey(of.keys.publicKey);
  await made.sign((of.by?.keys ?? of.keys).privateKey, 'SHA-256');
  return Certificate.fromBER(made.toSchema().toBER());
}
