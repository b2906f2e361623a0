/**
 * One line of a table: what one contender did in one case. `unavailable` says why it could not be measured.
 * @typedef {{ case: string, contender: string, size?: number, unavailable?: string, [value: string]: any }} Row
 */

/**
 * @param {{ name: string }} benchCase
 * @param {import('./cases.mjs').Subject} subject
 * @returns {Row}
 */
export function rowOf(benchCase, subject) {
  const row = { case: benchCase.name, contender: subject.contender ?? 'bare' };
  return subject.size === undefined ? row : { ...row, size: subject.size };
}

/**
 * The row of a contender in a case, at one size where the case has sizes.
 * @param {readonly Row[]} rows
 * @param {string} caseName
 * @param {string} contender
 * @param {number} [size]
 */
export function findRow(rows, caseName, contender, size) {
  return rows.find((row) => row.case === caseName && row.contender === contender && row.size === size);
}
