/** UTF-8 for the glue of the engines. jsdom has neither `TextDecoder` nor `TextEncoder`. */

const globals = globalThis as Partial<Pick<typeof globalThis, 'TextDecoder' | 'TextEncoder'>>;

class Decoder {
  decode(bytes: Uint8Array = new Uint8Array()): string {
    let escaped = '';
    for (const byte of bytes) escaped += `%${byte.toString(16).padStart(2, '0')}`;
    return decodeURIComponent(escaped);
  }
}

class Encoder {
  encode(text: string): Uint8Array {
    const wellFormed = text.replace(/\p{Surrogate}/gu, '\u{FFFD}');
    const characters = encodeURIComponent(wellFormed).match(/%..|./g) ?? [];
    return Uint8Array.from(characters, (one) =>
      one.length > 1 ? Number.parseInt(one.slice(1), 16) : one.charCodeAt(0),
    );
  }

  encodeInto(text: string, target: Uint8Array): { read: number; written: number } {
    const bytes = this.encode(text);
    target.set(bytes);
    return { read: text.length, written: bytes.length };
  }
}

const ChosenDecoder = globals.TextDecoder ?? Decoder;
const ChosenEncoder = globals.TextEncoder ?? Encoder;
export { ChosenDecoder as TextDecoder, ChosenEncoder as TextEncoder };
