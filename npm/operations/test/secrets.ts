/** Secrets of each shape, as they occur in texts, and the part that must never be shown. All are invented. */

export interface PlantedSecret {
  readonly shape: string;
  /** Text with the secret in it. */
  readonly text: string;
  /** Parts of the text of which none may be shown. */
  readonly hidden: readonly string[];
}

/** Numbers of a linear congruence: the same secrets in every run. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

const LOWER = 'abcdefghijklmnopqrstuvwxyz';
const UPPER = LOWER.toUpperCase();
const DIGITS = '0123456789';

/** Returns secrets of every shape, `each` of each. */
export function plantedSecrets(each: number, seed = 7): readonly PlantedSecret[] {
  const random = randomNumbers(seed);
  const pick = (from: string, length: number): string =>
    Array.from({ length }, () => from[Math.floor(random() * from.length)]).join('');
  const word = (length = 20): string => pick(LOWER + UPPER + DIGITS, length - 1) + pick(DIGITS, 1);
  const card = (beginning: string, length: number): string =>
    withCheckDigit(beginning + pick(DIGITS, length - beginning.length - 1));
  const grouped = (digits: string, separator: string): string => digits.replaceAll(/(\d{4})(?=\d)/g, `$1${separator}`);
  const shapes: Readonly<Record<string, () => PlantedSecret>> = {};
  const add = (shape: string, make: () => readonly [text: string, ...hidden: string[]]): void => {
    (shapes as Record<string, () => PlantedSecret>)[shape] = () => {
      const [text, ...hidden] = make();
      return { shape, text, hidden };
    };
  };
  const hide = (make: (secret: string) => string, secret = word): void =>
    add(make('*'), () => {
      const text = secret();
      return [make(text), text];
    });

  hide((secret) => `Authorization: Bearer ${secret}`);
  hide((secret) => `Authorization: Token ${secret}`);
  hide((secret) => `authorization: Basic ${secret}==`);
  hide((secret) => `{"authorization":"Token ${secret}","accept":"*/*"}`);
  hide((secret) => `rejected Bearer ${secret} of the client`);
  hide((secret) => `rejected Token ${secret} of the client`);
  hide((secret) => `the header was Basic ${secret}`);
  hide((secret) => `Digest username="a", response="${secret}"`.replace('Digest', 'authorization: Digest'));
  hide((secret) => `x-api-key: ${secret}`);
  hide((secret) => `{"apiKey":"${secret}","page":1}`);
  hide((secret) => `{\\"client_secret\\":\\"${secret}\\"}`);
  hide((secret) => `{ password: '${secret}', user: 'bob' }`);
  hide((secret) => `password=${secret}`);
  hide((secret) => `password="${secret} with \\" a quote ${secret}"`);
  hide((secret) => `Cookie: theme=dark; connect.sid=s%3A${secret}`);
  hide((secret) => `set-cookie: session=${secret}; HttpOnly; Path=/`);
  hide((secret) => `GET https://api.example.test/items?api_key=${secret}&page=2 failed`);
  hide((secret) => `GET https://api.example.test/items?page=2&access_token=${secret}#part`);
  hide((secret) => `https://s3.example.test/a?X-Amz-Signature=${secret}`);
  hide((secret) => `https://maps.example.test/?key=${secret}`);
  hide((secret) => `postgres://app:${secret}@db.example.test:5432/orders`);
  hide((secret) => `redis://:${secret}@cache.example.test`);
  hide((secret) => `mongodb+srv://app:${secret}/with/slashes@db.example.test/orders`);
  hide((secret) => `amqp://app:p@${secret}@queue.example.test`);
  hide((secret) => `https://${secret}@git.example.test/repo.git`);
  hide((secret) => `Server=db;Database=orders;User Id=app;Password=${secret};Encrypt=true`);
  hide((secret) => `AccountName=a;AccountKey=${secret}==;EndpointSuffix=core`);
  hide((secret) => `host=db user=app password='${secret} x'`);
  hide((secret) => `<Password>${secret}</Password>`);
  hide((secret) => `-----BEGIN RSA PRIVATE KEY-----\n${secret}\n${secret}\n-----END RSA PRIVATE KEY-----`);
  hide((secret) => `token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI${secret}.${secret} expired`);
  hide((secret) => `session-eyJhbGciOiJIUzI1NiJ9${secret}`);
  hide((secret) => `Incorrect API key provided: sk-proj-${secret}`);
  hide((secret) => `sk_live_${secret}`);
  hide((secret) => `ghp_${secret}${secret}`);
  hide((secret) => `xoxb-123456789012-${secret}`);
  hide((secret) => `glpat-${secret}`);
  hide(
    (secret) => `NRAK-${secret}`,
    () => pick(UPPER + DIGITS, 27),
  );
  hide(
    (secret) => `AIza${secret}`,
    () => word(35),
  );
  hide(
    (secret) => `AKIA${secret} is not known`,
    () => pick(UPPER + DIGITS, 16),
  );
  hide(
    (secret) => `pin=${secret}`,
    () => pick(DIGITS, 6),
  );
  hide(
    (secret) => `"cvv": ${secret}`,
    () => pick(DIGITS, 6),
  );
  hide((secret) => `ann.${secret}+tag@mail.example.test wrote`);
  for (const [beginning, length] of [
    ['4', 16],
    ['51', 16],
    ['2221', 16],
    ['34', 15],
    ['6011', 16],
    ['36', 14],
    ['4', 13],
    ['62', 19],
  ] as const) {
    for (const separator of ['', ' ', '-']) {
      add(`card ${beginning} of ${length} digits, '${separator}'`, () => {
        const digits = card(beginning, length);
        const text = grouped(digits, separator);
        return [`paid 12 with ${text} today`, text, digits];
      });
    }
  }
  for (const make of [
    (digits: string) => `+254 7${digits.slice(0, 2)} ${digits.slice(2, 5)} ${digits.slice(5)}`,
    (digits: string) => `+2547${digits}`,
    (digits: string) => `2541${digits}`,
    (digits: string) => `07${digits}`,
    (digits: string) => `07${digits.slice(0, 2)} ${digits.slice(2, 5)} ${digits.slice(5)}`,
    (digits: string) => `+1 (2${digits.slice(0, 2)}) ${digits.slice(2, 5)}-5${digits.slice(5)}`,
    (digits: string) => `(2${digits.slice(0, 2)}) ${digits.slice(2, 5)}-5${digits.slice(5)}`,
  ]) {
    add(`phone ${make('********')}`, () => {
      const text = make(pick(DIGITS, 8));
      return [`call ${text} now`, text];
    });
  }
  return Object.values(shapes).flatMap((make) => Array.from({ length: each }, make));
}

/** Returns digits with the last one of a card number after them. */
function withCheckDigit(digits: string): string {
  const sum = [...digits].reverse().reduce((total, text, index) => {
    const digit = Number(text);
    return total + (index % 2 === 1 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9);
  }, 0);
  return `${digits}${(10 - (sum % 10)) % 10}`;
}
