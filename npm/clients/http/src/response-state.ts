import type { GuardedBody } from './guarded-body.ts';

/** Class whose constructor returns a given object, so that a subclass adds its private members to that object. */
const Existing = function (object: object) {
  return object;
} as unknown as new (object: object) => object;

/**
 * State that belongs to a response of `fetch`. It is kept in private members of the response, because a `WeakMap` makes
 * the garbage collector slower with each request.
 */
export class ResponseState extends Existing {
  #body: GuardedBody | undefined;
  #released: Promise<unknown> | undefined;

  static #of(response: Response): ResponseState {
    const holder: object = response;
    return #body in holder ? holder : new ResponseState(response);
  }

  /** Returns the guarded body of a response, if it has one. */
  static bodyOf(response: object): GuardedBody | undefined {
    return #body in response ? response.#body : undefined;
  }

  static setBody(response: Response, body: GuardedBody): void {
    ResponseState.#of(response).#body = body;
  }

  /** Returns a promise that settles when the connection of a response is released. */
  static releasedOf(response: object): Promise<unknown> | undefined {
    return #body in response ? response.#released : undefined;
  }

  static setReleased(response: Response, released: Promise<unknown>): void {
    ResponseState.#of(response).#released = released;
  }
}
