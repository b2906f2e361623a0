/** The variables of a process, by name. */
export type VariableValues = Readonly<Record<string, string | undefined>>;

const SECRET_NAME =
  /(?:^|_)(?:API_?KEY|KEY|TOKEN|SECRET|PASS|PASSWORD|PASSWD|PASSPHRASE|PWD|CREDENTIAL|AUTH|AUTHORIZATION|COOKIE|SESSION|DSN|SIGNATURE|SALT|PRIVATE|CERT|CERTIFICATE|BEARER)S?(?:_|$)/;

/** How keys and tokens begin that say what they are. */
const SECRET_START =
  /^(?:sk|pk|rk|ghp|gho|ghs|github_pat|glpat|xox[a-z]|eyJ|AKIA|ASIA|AIza|NRAK|Bearer|Basic)[-_ A-Za-z0-9]/;

const LONGEST_SHOWN = 24;
const SHORTEST_SECRET = 6;
const SHORTEST_KEY = 12;

/** Whether what goes by this name is a secret: `API_KEY`, `apiKey`, `DB_PASSWORD`, … */
export function soundsSecret(name: string): boolean {
  return SECRET_NAME.test(constantCase(name));
}

/** Whether a value may be a key, a token or a password, whatever its name. */
export function looksSecret(value: string): boolean {
  if (SECRET_START.test(value) || hasCredentials(value)) return true;
  return value.length >= SHORTEST_KEY && /[a-z]/i.test(value) && /\d/.test(value) && !/\s/.test(value);
}

/** Whether an address holds a user or a password. */
export function hasCredentials(value: string): boolean {
  return /:\/\/[^/?#]*@/.test(value);
}

/** Shows values in messages, but for those that are or may be secret. */
export class Redaction {
  readonly #secrets = new Set<string>();

  /** @param declared names of variables that are secret whatever they sound like. */
  constructor(values: VariableValues, declared: Iterable<string> = []) {
    for (const name of declared) this.#add(values[name]);
    for (const [name, value] of Object.entries(values)) if (soundsSecret(name)) this.#add(value);
  }

  /** What goes after `must be …`: the value, or nothing where it is not to be shown. */
  got(name: string, value: unknown): string {
    if (typeof value !== 'string') return `, got ${describe(value)}`;
    if (this.#mayShow(name, value)) return `, got ${JSON.stringify(value)}`;
    return ', got a value that is not shown';
  }

  #add(value: unknown): void {
    const secret = typeof value === 'string' ? value.trim() : '';
    if (secret.length >= SHORTEST_SECRET) this.#secrets.add(secret);
  }

  #mayShow(name: string, value: string): boolean {
    if (value.length > LONGEST_SHOWN || soundsSecret(name) || looksSecret(value)) return false;
    for (const secret of this.#secrets) if (value.includes(secret) || secret.includes(value.trim())) return false;
    return true;
  }
}

/** `apiKey`, `api-key` and `API_KEY` as `API_KEY`. */
export function constantCase(name: string): string {
  return name
    .replaceAll(/([\da-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[^\dA-Za-z]+/g, '_')
    .toUpperCase();
}

function describe(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean') {
    return String(value);
  }
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}
