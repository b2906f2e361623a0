import { redactEmails } from './emails.ts';
import { redactNumbers } from './numbers.ts';

/** Text in place of a secret. */
export const REDACTED = '[secret]';
const CARD = '[card]';
const PHONE = '[phone]';
const EMAIL = '[email]';

/** Names before `=` or `:` whose value is a secret, anywhere in a word. */
const PARTS =
  '(?:(?:api|access|account|private|signing|encryption|consumer|master|license)[-_ ]?key|token(?!s\\b|iz|is|[-_ ]?(?:type|count|limit|usage|bucket))|secret|passw(?:or)?d|passphrase|passcode|passkey|credential|signature|session[-_]?id|csrf|xsrf)[\\w-]{0,40}';
/** Such names as words of their own. */
const WORDS = '(?<![A-Za-z])(?:pin|cvv2?|cvc2?|otp|pwd|pass|pan|ssn|sig|auth|jwt|phpsessid|jsessionid|sid)(?![A-Za-z])';
const NAME = `(?:${PARTS}|${WORDS})`;
const SEPARATOR = `(?:\\\\{0,4}["'])?\\s{0,4}(?:=>|=|:)\\s{0,4}`;
/** A value in quotes, in quotes that are escaped, or without quotes. */
const QUOTED = `\\\\{1,4}"(?:[^"\\\\]|\\\\{3}"|\\\\[^"])*|\\\\{1,4}'(?:[^'\\\\]|\\\\{3}'|\\\\[^'])*|"(?:[^"\\\\]|\\\\[^])*|'(?:[^'\\\\]|\\\\[^])*`;
const NOT_YET = '(?!["\']?\\[(?:secret|card|phone|email)\\])';

/**
 * Patterns of secrets, in the order in which they are replaced.
 *
 * Time is linear in the length of the text: a quantifier without a bound is the last part of its pattern, so that nothing after
 * it can fail and make the pattern try again.
 */
export const PATTERNS: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  [/-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----(?:(?!-----END)[^])*/g, REDACTED],
  // User and password of an address. A password may have any character; digits and a slash are a port.
  [/:\/\/[^/?#\s@:"'<>]{0,200}:(?!\d{1,5}[/?#])[^\s"'<>@]{0,400}(?:@[^\s"'<>/?#@:]{0,100}){0,3}@/g, `://${REDACTED}@`],
  [/:\/\/[^/?#\s@"'<>]{1,400}@/g, `://${REDACTED}@`],
  [new RegExp(`([?&](?:key|code|state|${NAME})=)${NOT_YET}[^\\s"'&#<>]+`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`((?:authorization|cookies?2?)${SEPARATOR})${NOT_YET}(?:${QUOTED}|[^\\r\\n]+)`, 'gi'), `$1${REDACTED}`],
  [/\b(bearer)\s{1,8}(?!(?:tokens?|auth[a-z]{0,20}|scheme|realm|header)\b)[\w.~+/=:-]+/gi, `$1 ${REDACTED}`],
  // Words of a language follow "token" and "basic", too: the value has a digit or a sign, or mixes cases, or is long.
  [
    /\b([Bb]asic|BASIC|[Tt]oken|TOKEN|[Dd]igest|[Nn]egotiate|[Aa]pi-?[Kk]ey)\s{1,8}(?=[\w.~+/=:-]{6})(?=[A-Za-z.~-]{0,40}[\d+/=_]|[A-Z]{0,20}[a-z]{1,20}[A-Z]|[\w.~-]{20})[\w.~+/=:-]+/g,
    `$1 ${REDACTED}`,
  ],
  [new RegExp(`(${NAME}${SEPARATOR})${NOT_YET}(?:${QUOTED}|[^\\s"'&;<>]+)`, 'gi'), `$1${REDACTED}`],
  [new RegExp(`(<[\\w:-]{0,40}${NAME}[^<>]{0,100}>)${NOT_YET}[^<]+`, 'gi'), `$1${REDACTED}`],
  // JSON web tokens, whole or cut: the header is an object in base64.
  [/eyJ[\w.-]{17,}/g, REDACTED],
  [/(?<![A-Za-z0-9])(?:sk|pk|rk)[-_](?=[\w-]{0,60}\d|[\w-]{24})[\w-]{12,}/g, REDACTED],
  [
    /(?<![A-Za-z0-9])(?:gh[oprsu]_|github_pat_|glpat-|xox[a-z]-|xapp-|AIza|ya29\.|npm_|SG\.|NRAK-|NRJS-|hf_|whsec_|shp[a-z]{2}_|dop_v1_|pypi-|dapi|EAA[A-Z])[\w.-]{12,}/g,
    REDACTED,
  ],
  [/(?:AKIA|ASIA|AGPA|AIDA|AROA|ANPA)[A-Z0-9]{12,}/g, REDACTED],
];

/** Replaces what has the shape of a secret. */
export function redactShapes(text: string): string {
  const clean = PATTERNS.reduce((rest, [pattern, replacement]) => rest.replace(pattern, replacement), text);
  return redactNumbers(redactEmails(clean, EMAIL), CARD, PHONE);
}
