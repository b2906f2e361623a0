// Linters that `npm run lint` and `npm test` both run.

/** Checks imports: no cycle, no package past another's entry, no room above its own. The rules are in .dependency-cruiser.js. */
export const importRules = [
  'depcruise',
  ...['--config', '.dependency-cruiser.js', '--output-type', 'err', '--no-progress'],
  ...['npm', 'tests', 'docs/site', 'docs/test', 'examples', '.ci'],
];

/** Checks doc comments, file lengths, loose files and banned words. */
export const houseRules = ['node', '.ci/house-rules.mjs'];
