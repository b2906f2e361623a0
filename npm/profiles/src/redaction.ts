import { constantCase } from './constant-case.ts';
import type { VariableValues } from './variables/variable.ts';

const SECRET_NAME =
  /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIAL|AUTH|AUTHORIZATION|COOKIE|SESSION|DSN|SIGNATURE|SALT|PRIVATE|CERT|CERTIFICATE|BEARER)S?(?:_|$)/;

/** Known prefixes of keys and tokens. */
const SECRET_PREFIX =
  /^(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|eyJ|AKIA|ASIA|AIza|NRAK|Bearer|Basic)[-_ A-Za-z0-9]/;

/** Longest value that a message may show. */
const MAX_SHOWN_LENGTH = 24;
/** Shortest secret that is searched for in other values. */
const MIN_SECRET_LENGTH = 6;
/** Shortest text of letters and digits that may be a key. */
const MIN_KEY_LENGTH = 12;

/** Whether a name is that of a secret: `API_KEY`, `apiKey`, `DB_PASSWORD`, … */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(constantCase(name));
}

/** Whether a value may be a key, a token or a password, regardless of its name. */
export function looksSecret(value: string): boolean {
  if (SECRET_PREFIX.test(value) || hasCredentials(value)) return true;
  return value.length >= MIN_KEY_LENGTH && /[a-z]/i.test(value) && /\d/.test(value) && !/\s/.test(value);
}

/** Whether a URL contains a user or a password. */
export function hasCredentials(value: string): boolean {
  return /:\/\/[^/?#]*@/.test(value);
}

/** Decides which values a message may show, and hides those that are or may be secret. */
export class Redaction {
  readonly #secrets = new Set<string>();

  /** `PWD` is the working directory, and not a password. @param secretNames names of variables that are declared as secret. */
  constructor(values: VariableValues, secretNames: Iterable<string> = []) {
    for (const name of secretNames) this.#add(values[name]);
    for (const [name, value] of Object.entries(values)) if (name !== 'PWD' && isSecretName(name)) this.#add(value);
  }

  /** Returns the end of a message, such as `, got "10s"`, or a note that the value is not shown. */
  got(name: string, value: unknown): string {
    if (typeof value !== 'string') return `, got ${describe(value)}`;
    if (this.#mayShow(name, value)) return `, got ${JSON.stringify(value)}`;
    return ', got a value that is not shown';
  }

  #add(value: unknown): void {
    const secret = typeof value === 'string' ? value.trim() : '';
    if (secret.length >= MIN_SECRET_LENGTH) this.#secrets.add(secret);
  }

  #mayShow(name: string, value: string): boolean {
    if (value.length > MAX_SHOWN_LENGTH || isSecretName(name) || looksSecret(value)) return false;
    for (const secret of this.#secrets) if (value.includes(secret) || secret.includes(value.trim())) return false;
    return true;
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
