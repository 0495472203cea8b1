import { createHash } from 'node:crypto';
import type { DeliveredFile } from '#domain/delivered-file.ts';

/** What stands for the content of one of the stack's secrets. */
export type HashSecret = (name: string, content: Uint8Array) => Promise<string>;

export type FileOptions = {
  readonly target: string;
  readonly mode: number;
  readonly uid?: number;
  readonly gid?: number;
  /** Makes it a secret. */
  readonly secretName?: string;
};

/** Everything delivered is declared read-only: what is writable is not taken from a state repo. */
export async function toDeliveredFile(
  bytes: Uint8Array,
  hashSecret: HashSecret,
  { secretName, ...where }: FileOptions,
): Promise<DeliveredFile> {
  const content = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const contentHash =
    secretName === undefined
      ? `sha256:${createHash('sha256').update(content).digest('hex')}`
      : await hashSecret(secretName, content);
  return {
    ...where,
    readOnly: true,
    secret: secretName !== undefined,
    contentBase64: content.toString('base64'),
    contentHash,
  };
}
