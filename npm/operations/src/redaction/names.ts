/** Parts of names of fields that hold a secret, in lower case and without separators. */
const SECRET_PARTS =
  /(?:api|access|account|private|secret|shared|signing|encryption|consumer|master|service|license|role)key|tokens?(?!type|count|limit|usage|izer|ization|bucket)|secret|passw|passphrase|passcode|passkey|authorization|cookie|credential|signature|cardnumber|creditcard|securitycode|sessionid|csrf|xsrf|connectionstring|(?:database|redis|mongo|amqp|broker|postgres)ur[il]/;

/** Names, or last words of names, that hold a secret. */
const SECRET_WORDS = new Set(
  'auth cvv cvv2 cvc cvc2 pin pwd pass pan ssn sid otp totp sig dsn jwt bearer iban nonce msisdn'.split(' '),
);

/** Whether a field of this name holds a secret. Names of counters, such as `maxTokens`, do not. */
export function isSecretName(name: string): boolean {
  const start = name.slice(0, LONGEST_NAME);
  const letters = start.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  if (SECRET_PARTS.test(letters)) return true;
  const words = start
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z0-9]+/);
  return SECRET_WORDS.has(words.findLast((word) => word !== '') ?? '');
}

const LONGEST_NAME = 200;

/** Whether a field of this name counts something, such as `total_tokens`: its numbers are no secrets. */
export function isCounterName(name: string): boolean {
  return /tokens$/i.test(name);
}

/** Matches a path of keys, such as `req.headers.authorization`. A `*` in the pattern stands for any one key. */
export class PathPattern {
  readonly #keys: readonly string[];

  constructor(path: string) {
    this.#keys = path.split('.');
  }

  matches(path: readonly string[]): boolean {
    const keys = this.#keys;
    return keys.length === path.length && keys.every((key, index) => key === '*' || key === path[index]);
  }
}
