/** Digits of card and phone numbers, with the separators that people write. The last quantifier consumes all of a run. */
const DIGITS = /(?<!\d)\d(?:[ -]?\d){11,}/g;

/** Beginnings of the numbers of the card networks, by the number of digits. */
const CARD_BEGINNINGS: Readonly<Record<number, RegExp>> = {
  13: /^4/,
  14: /^3[0689]/,
  15: /^(?:3[47]|1800|2131)/,
  16: /^(?:[245]|6|35)/,
  17: /^6/,
  18: /^6/,
  19: /^[46]/,
};
const SHORTEST_CARD = 13;
const LONGEST_CARD = 19;

/**
 * Phone numbers: international with `+`, those of Kenya in each form (`0712…`, `2541…`), and those of North America with
 * separators. Every quantifier is bounded.
 */
const PHONES = [
  /(?<![\w+])\+\d(?:[ ().-]{0,2}\d){7,14}(?!\d)/g,
  /(?<![\w.-])(?:254|0)[ -]?[17]\d{2}[ -]?\d{3}[ -]?\d{3}(?![\w-])/g,
  /(?<![\w.-])(?:\(\d{3}\) ?|\d{3}[-.])\d{3}[-.]\d{4}(?![\w-])/g,
];

/** Replaces the card numbers of a text whose last digit is right, and phone numbers. */
export function redactNumbers(text: string, card: string, phone: string): string {
  const withoutCards = text.replace(DIGITS, (run) => redactCards(run, card));
  return PHONES.reduce((rest, pattern) => rest.replace(pattern, phone), withoutCards);
}

/** Replaces the card numbers in a run of digits. A number begins and ends at a group of digits. */
function redactCards(run: string, card: string): string {
  const groups = run.split(/([ -])/);
  const parts: string[] = [];
  for (let start = 0; start < groups.length;) {
    const end = endOfCard(groups, start);
    parts.push(end === undefined ? (groups[start] as string) : card, groups[(end ?? start) + 1] ?? '');
    start = (end ?? start) + 2;
  }
  return parts.join('');
}

/** Returns the index of the last group of the longest card number that begins with a group. */
function endOfCard(groups: readonly string[], start: number): number | undefined {
  let digits = '';
  let found: number | undefined;
  for (let end = start; end < groups.length && digits.length < LONGEST_CARD; end += 2) {
    const group = groups[end] as string;
    if (digits.length + group.length > LONGEST_CARD) break;
    digits += group;
    if (digits.length >= SHORTEST_CARD && isCard(digits)) found = end;
  }
  return found;
}

function isCard(digits: string): boolean {
  return CARD_BEGINNINGS[digits.length]?.test(digits) === true && hasCheckDigit(digits);
}

/** Whether the last digit is right by the formula of Luhn. */
function hasCheckDigit(digits: string): boolean {
  let sum = 0;
  for (let index = 0; index < digits.length; index++) {
    const digit = Number(digits[digits.length - 1 - index]);
    sum += index % 2 === 0 ? digit : digit < 5 ? digit * 2 : digit * 2 - 9;
  }
  return sum % 10 === 0;
}
