import type { OptionsReader } from 'fusewire/kit';

const PREFIX = 'whsec_';

/** Reads the option `secret` as bytes. The secret never appears in a message. */
export function readSecret(reader: OptionsReader): Uint8Array<ArrayBuffer> | undefined {
  const secret = reader.value('secret');
  if (secret === undefined) return undefined;
  const bytes = typeof secret === 'string' && secret.length > 0 ? bytesOf(secret) : undefined;
  if (bytes === undefined) reader.report('secret', 'type', `a text, or ${PREFIX} and base64`);
  return bytes;
}

function bytesOf(secret: string): Uint8Array<ArrayBuffer> | undefined {
  if (!secret.startsWith(PREFIX)) return new TextEncoder().encode(secret);
  try {
    return Uint8Array.from(atob(secret.slice(PREFIX.length)), (character) => character.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** Returns the signature of a text by a secret, in the form of Standard Webhooks: `v1,` and base64. */
export async function signatureOf(secret: Uint8Array<ArrayBuffer>, text: string): Promise<string> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' };
  const key = await crypto.subtle.importKey('raw', secret, algorithm, false, ['sign']);
  const signature = await crypto.subtle.sign('HMAC', key, new TextEncoder().encode(text));
  return `v1,${btoa(String.fromCharCode(...new Uint8Array(signature)))}`;
}
