/** The API reference: an index page for each package, and a page for each symbol. */
import type { Source } from '../page.ts';
import { exists } from '../repository.ts';
import { entriesOf } from './declarations.ts';
import type { Declared, Entry } from './declared.ts';
import { symbolPage } from './api-symbol.ts';
import { anchorOf, cell, Links, titleOf } from './links.ts';
import { apiIndex, CORE, manifestOf, packageFolders } from './packages.ts';

/** The symbol that leads the reference of `fusewire`. */
const LEADING = 'CircuitBreaker';

/** Guides to parts of a package that the navigation does not list. */
const GUIDES: Readonly<Record<string, readonly string[]>> = {
  'npm/vocabularies/dialects': ['conexxus', 'haven', 'campaign', 'nerdgraph'],
};

/** Returns all pages of the reference. */
export async function apiPages(): Promise<Source[]> {
  const pages = packageFolders().flatMap((folder) => {
    const symbols = entriesOf(folder).flatMap((entry) => entry.exports);
    return [indexPage(folder), ...symbols.map((declared) => symbolPage(declared, apiIndex(folder)))];
  });
  return Promise.all(pages);
}

const GROUPS: readonly { title: string; holds: (declared: Declared) => boolean }[] = [
  { title: 'Functions', holds: ({ kind }) => kind === 'function' },
  { title: 'Classes', holds: ({ name, kind }) => kind === 'class' && !name.endsWith('Error') },
  { title: 'Errors', holds: ({ name, kind }) => kind === 'class' && name.endsWith('Error') },
  { title: 'Constants', holds: ({ kind }) => kind === 'constant' },
  { title: 'Interfaces', holds: ({ kind }) => kind === 'interface' },
  { title: 'Types', holds: ({ kind }) => kind === 'type' },
];

function indexPage(folder: string): Source {
  const { name, description = '' } = manifestOf(folder);
  const entries = entriesOf(folder);
  const lead = folder === CORE ? entries[0]?.exports.find((declared) => declared.name === LEADING) : undefined;
  const install = folder === CORE ? name : `fusewire ${name}`;
  const readme = exists(`${folder}/README.md`)
    ? [`For examples, see the [README](repository:${folder}/README.md).`]
    : [];
  const guides = (GUIDES[folder] ?? []).map((guide) => `[${guide}](../../from/${guide}.md)`);
  const text = [
    `# ${name}`,
    description,
    `\`\`\`sh\nnpm install ${install}\n\`\`\``,
    ...readme,
    ...(guides.length > 0 ? [`Guides: ${guides.join(', ')}.`] : []),
    ...(lead ? leading(lead, apiIndex(folder)) : []),
    ...entries.map((entry) => moduleTables(entry, apiIndex(folder), entry.module !== name)),
  ];
  return { name: apiIndex(folder), text: `${text.join('\n\n')}\n` };
}

/** The section of the symbol that most readers look for. */
function leading(declared: Declared, page: string): string[] {
  const links = new Links(declared, page);
  const methods = declared.members.filter(({ kind }) => kind === 'method');
  const rows = methods.map((method) => {
    const address = `api:${declared.page}#${anchorOf(method, declared.name)}`;
    return `| [\`${titleOf(method, declared.name)}\`](${address}) | ${cell(links.comment(summary(method.doc)))} |`;
  });
  return [
    `## ${declared.name}`,
    links.comment(declared.doc),
    ['| Method | Description |', '|---|---|', ...rows].join('\n'),
    `[All members of ${declared.name}](api:${declared.page}), and its [options](../../options.md).`,
  ];
}

function moduleTables({ module, exports }: Entry, page: string, isNamed: boolean): string {
  const tables = GROUPS.flatMap(({ title, holds }) => {
    const members = exports.filter(holds);
    if (members.length === 0) return [];
    const rows = members.map((declared) => {
      const hasAnchor = !isNamed && declared.name !== LEADING;
      const id = hasAnchor ? ` id="${declared.page.split('/').at(-1)?.toLowerCase()}"` : '';
      const links = new Links(declared, page);
      return `| <span${id}>[\`${declared.name}\`](api:${declared.page})</span> | ${cell(links.comment(summary(declared.doc)))} |`;
    });
    return [`${isNamed ? '###' : '##'} ${title}`, ['| Name | Description |', '|---|---|', ...rows].join('\n')];
  });
  return [...(isNamed ? [`## ${module}`] : []), ...tables].join('\n\n');
}

/** Returns the first sentence of a comment. */
export function summary(doc: string): string {
  const [paragraph = ''] = doc.split(/\n\s*\n/);
  const text = paragraph.replaceAll(/\s+/g, ' ').trim();
  return /^.*?[.:](?=\s+[A-Z`*{[]|$)/.exec(text)?.[0] ?? text;
}
