import type { BodyLimits } from './body-limits.ts';
import { GuardedBody } from './guarded-body.ts';
import { withAttributes } from './response-attributes.ts';
import { ResponseState } from './response-state.ts';

type Bytes = Uint8Array<ArrayBuffer>;

/** Prototypes of guarded responses, by the original ones. */
const prototypes = new WeakMap<object, object>();

/**
 * Whether the body of a response can only be read through its methods and its `body`. That holds on Node, where `fetch` is
 * written in JavaScript. Other runtimes pass bodies on without them, such as a response that a Worker returns.
 */
export function canGuard(response: Response): boolean {
  return isNode && typeof Object.getPrototypeOf(response)?.arrayBuffer === 'function';
}

/** Members of the global object that identify the runtime. */
const { navigator, process } = globalThis as {
  navigator?: { userAgent?: string };
  process?: { release?: { name?: string } };
};
const isNode =
  navigator?.userAgent === undefined
    ? process?.release?.name === 'node' && !('Bun' in globalThis) && !('Deno' in globalThis)
    : navigator.userAgent.startsWith('Node.js/');

/** Makes a response enforce the limits of its body, however it is read. */
export function guardResponse(response: Response, body: ReadableStream<Bytes>, limits: BodyLimits): Response {
  const guarded = new GuardedBody(body, limits, response.headers);
  const original = Object.getPrototypeOf(response) as Response;
  let prototype = prototypes.get(original);
  if (prototype === undefined) prototypes.set(original, (prototype = guardedPrototype(original)));
  ResponseState.setBody(response, guarded);
  Object.setPrototypeOf(response, prototype);
  readAheadLater(guarded);
  return response;
}

/** Bodies of the responses that arrived in this turn of the event loop. */
let arrived: GuardedBody[] = [];

/** The function of Node. Fake timers that are installed later do not replace it. */
const { setImmediate } = globalThis as unknown as { setImmediate: (callback: () => void) => unknown };

/** Starts to read a body in the next turn, unless the caller has begun to. */
function readAheadLater(body: GuardedBody): void {
  if (arrived.push(body) > 1) return;
  setImmediate(() => {
    const due = arrived;
    arrived = [];
    for (const each of due) each.readAhead();
  });
}

/** Returns a prototype whose members read the body of a response with limits. */
function guardedPrototype(original: Response): object {
  const members = {
    get body() {
      const response = this as unknown as Response;
      const body = bodyOf(response);
      return body === undefined ? read(original, 'body', response) : body.copy.body;
    },
    get bodyUsed() {
      const response = this as unknown as Response;
      return ResponseState.bodyOf(response)?.existingCopy?.bodyUsed ?? read(original, 'bodyUsed', response);
    },
    clone(this: Response): Response {
      const body = bodyOf(this);
      if (body === undefined) return original.clone.call(this);
      const { url, type, redirected, status, statusText, ok } = this;
      return withAttributes(body.copy.clone(), { url, type, redirected, status, statusText, ok });
    },
    ...reads(original, 'text', textOf),
    ...reads(original, 'json', (bytes) => JSON.parse(textOf(bytes)) as unknown),
    ...reads(original, 'arrayBuffer', bufferOf),
    ...('bytes' in original ? reads(original, 'bytes', (bytes) => new Uint8Array(bufferOf(bytes))) : {}),
    ...delegates(original, 'blob'),
    ...delegates(original, 'formData'),
  };
  return Object.create(original, Object.getOwnPropertyDescriptors(members)) as object;
}

/** Returns the body of a guarded response, or undefined if the response's original members are to be used. */
function bodyOf(response: Response): GuardedBody | undefined {
  const body = ResponseState.bodyOf(response);
  return body === undefined || body.isTaken ? undefined : body;
}

/** Returns a method that converts the whole body, as the original one does. */
function reads(
  original: Response,
  name: 'text' | 'json' | 'arrayBuffer' | 'bytes',
  convert: (bytes: Bytes) => unknown,
): object {
  return {
    [name](this: Response): Promise<unknown> {
      const body = bodyOf(this);
      if (body === undefined) return original[name].call(this);
      return body.existingCopy === undefined ? body.read().then(convert) : body.existingCopy[name]();
    },
  };
}

/** Returns a method that reads the body through the stream around it. */
function delegates(original: Response, name: 'blob' | 'formData'): object {
  return {
    [name](this: Response): Promise<unknown> {
      const method: () => Promise<unknown> = original[name];
      return bodyOf(this)?.copy[name]() ?? method.call(this);
    },
  };
}

/** Reads a property of the original prototype. */
function read(original: Response, name: 'body' | 'bodyUsed', response: Response): unknown {
  return Reflect.get(original, name, response);
}

let decoder: TextDecoder | undefined;

function textOf(bytes: Bytes): string {
  // jsdom has no TextDecoder, so that none may be created before a response is read.
  return (decoder ??= new TextDecoder()).decode(bytes);
}

/** Returns the buffer of bytes, without others that share it. */
function bufferOf({ buffer, byteOffset, byteLength }: Bytes): ArrayBuffer {
  return buffer.byteLength === byteLength ? buffer : buffer.slice(byteOffset, byteOffset + byteLength);
}
