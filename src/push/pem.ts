/** What is in a file of the proxy, as far as people may know: certificates, whether there is a key, text. */
import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import type { PushedFileReport } from '../telemetry/push.js';

export function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

export function holds(bytes: Uint8Array): PushedFileReport['holds'] {
  // Megabytes of a map are searched in a moment, and decoded in many.
  if (bytes.includes(0)) {
    return 'other';
  }
  if (includes(bytes, END_OF_KEY_LINE)) {
    return 'a key';
  }
  return includes(bytes, BEGIN_CERTIFICATE) ? 'certificates' : 'text';
}

function includes(bytes: Uint8Array, text: string): boolean {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes(text);
}

/** Undefined where it is no text. */
export function textOf(bytes: Uint8Array): string | undefined {
  return bytes.includes(0) ? undefined : new TextDecoder().decode(bytes);
}

/** The SHA-256 fingerprint of each certificate, as `openssl x509 -fingerprint` has it; of many, the first. */
export function fingerprints(bytes: Uint8Array): readonly string[] {
  return certificatesIn(bytes).map((each) => createHash('sha256').update(each.raw).digest('hex'));
}

/**
 * What is wrong with the certificate that a key belongs to: the first of its file. Others are of authorities, and old
 * ones among them do no harm. `key`: of a file beside it, where HAProxy looks for one.
 */
export function certificateProblem(
  bytes: Uint8Array,
  key: Uint8Array | undefined,
  at: number,
): string | undefined {
  const [certificate] = certificatesIn(bytes);
  const secret = [bytes, key ?? new Uint8Array()].find((each) => holds(each) === 'a key');
  if (secret === undefined || certificate === undefined) {
    return undefined;
  }
  if (Date.parse(certificate.validTo) < at) {
    return `its certificate expired on ${day(certificate.validTo)}`;
  }
  if (Date.parse(certificate.validFrom) > at) {
    return `its certificate is valid only from ${day(certificate.validFrom)} on`;
  }
  return belongs(certificate, textOf(secret) ?? '') === 'no'
    ? 'its key belongs to another certificate'
    : undefined;
}

/** Of a key that cannot be read, such as one with a passphrase, HAProxy says whether it takes it. */
function belongs(certificate: X509Certificate, secret: string): 'yes' | 'no' | 'unknown' {
  try {
    return certificate.checkPrivateKey(createPrivateKey(secret)) ? 'yes' : 'no';
  } catch {
    return 'unknown';
  }
}

function certificatesIn(bytes: Uint8Array): readonly X509Certificate[] {
  const text = includes(bytes, BEGIN_CERTIFICATE) ? (textOf(bytes) ?? '') : '';
  return [...text.matchAll(CERTIFICATE)].slice(0, MOST_CERTIFICATES).flatMap(([pem]) => {
    try {
      return [new X509Certificate(pem)];
    } catch {
      // HAProxy says what is wrong with it.
      return [];
    }
  });
}

function day(date: string): string {
  return new Date(Date.parse(date)).toISOString().slice(0, 10);
}

const BEGIN_CERTIFICATE = '-----BEGIN CERTIFICATE-----';
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/gu;
const END_OF_KEY_LINE = 'PRIVATE KEY-----';
/** Of one file. */
const MOST_CERTIFICATES = 20;
