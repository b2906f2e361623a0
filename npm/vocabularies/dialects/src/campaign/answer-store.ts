/** Store of answers outside of the process. */
export interface AnswerStore {
  /** Returns the text of a key; null or undefined if there is none. */
  get(key: string): PromiseLike<string | null | undefined>;
  /** Stores a text for `ttl` milliseconds. */
  set(key: string, text: string, ttl: number): unknown;
}

/** Client of Redis: that of `ioredis`, or of `redis`. */
export type RedisClient = { get(key: string): PromiseLike<string | null> } & (
  | { psetex(key: string, ttl: number, text: string): unknown }
  | { pSetEx(key: string, ttl: number, text: string): unknown }
);

/**
 * Returns a store of answers in Redis.
 *
 * @param client an open client of `ioredis` or `redis`, which the store never closes.
 * @param prefix beginning of the keys. Programs with different data need different ones. Default `'fusewire:answer:'`.
 * @throws {TypeError} if `client` is no such client.
 */
export function redisAnswers(client: RedisClient, prefix: string = 'fusewire:answer:'): AnswerStore {
  const { psetex, pSetEx } = (client ?? {}) as Partial<Record<'psetex' | 'pSetEx', unknown>>;
  if (typeof psetex !== 'function' && typeof pSetEx !== 'function') {
    throw new TypeError('redisAnswers takes a client of ioredis or redis');
  }
  return {
    get: (key) => client.get(prefix + key),
    set: (key, text, ttl) =>
      'psetex' in client ? client.psetex(prefix + key, ttl, text) : client.pSetEx(prefix + key, ttl, text),
  };
}
