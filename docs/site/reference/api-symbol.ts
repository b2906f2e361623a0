/** The page of one exported symbol. */
import { relative } from '../addresses.ts';
import type { Source } from '../page.ts';
import type { Declared, Member, Parameter, Signature } from './declared.ts';
import { formatted, formattedMember } from './formatting.ts';
import { anchorOf, asText, cell, Links, titleOf } from './links.ts';

/** Returns the page of a symbol; `index` is the page of its package. */
export async function symbolPage(declared: Declared, index: string): Promise<Source> {
  const { name, kind, module, page, members } = declared;
  const links = new Links(declared);
  const properties = members.filter((member) => member.kind === 'property');
  const callable = members.filter((member) => member.kind !== 'property');
  const isType = kind === 'type' || kind === 'interface';
  const head = await headOf(declared);
  const text = [
    `# ${name}`,
    `<span class="kind">${kind}</span> of [\`${module}\`](${relative(page, `${index}.md`)})`,
    links.comment(declared.doc),
    codeBlock(`import ${isType ? 'type ' : ''}{ ${name} } from '${module}';${head && `\n\n${head}`}`),
    ...signatureDetails(declared.signatures, links, 2),
    ...(properties.length > 0 ? ['## Properties', propertyTable(properties, links)] : []),
    ...(callable.length > 0 ? await methodSections(callable, links, name) : []),
  ];
  return { name: page, text: `${text.filter((piece) => piece !== '').join('\n\n')}\n` };
}

/** Returns the declaration; of a class or an interface its first line, unless that has nothing but the name. */
async function headOf({ kind, name, head }: Declared): Promise<string> {
  if (kind !== 'class' && kind !== 'interface') return formatted(head);
  return head === `${kind} ${name}` ? '' : (await formatted(`${head} {}`)).replace(/\s*\{\s*\}$/, '');
}

const codeBlock = (code: string): string => `\`\`\`ts no-run: a declaration\n${code}\n\`\`\``;

function propertyTable(properties: readonly Member[], links: Links): string {
  const rows = properties.map((member) => {
    const label = `<code id="${anchorOf(member, '')}">${asText(member.name)}${member.isOptional ? '?' : ''}</code>`;
    const mark = member.isStatic ? ' static' : '';
    return `| ${label}${mark} | ${links.type(member.type)} | ${description(member, links)} |`;
  });
  return ['| Name | Type | Description |', '|---|---|---|', ...rows].join('\n');
}

function description({ doc, throws, from }: Member, links: Links): string {
  const thrown = throws.map((text) => `Throws ${links.comment(text)}`);
  const inherited = from === undefined ? [] : [`Inherited from ${links.comment(`{@link ${from}}`)}.`];
  return cell([links.comment(doc), ...thrown, ...inherited].join(' '));
}

/** A table of all methods, then a section for each. */
async function methodSections(methods: readonly Member[], links: Links, owner: string): Promise<string[]> {
  const rows = methods.flatMap((member) =>
    member.signatures.map(({ parameters, returnType }) => {
      const link = `[\`${titleOf(member, owner)}\`](#${anchorOf(member, owner)})`;
      const types = parameters.map(
        (parameter) => `<code>${asText(label(parameter))}</code> ${links.type(parameter.type)}`,
      );
      const result = member.kind === 'constructor' ? links.type(owner) : links.type(returnType);
      return `| ${link} | ${types.join('<br>')} | ${result} |`;
    }),
  );
  const sections = await Promise.all(methods.map((member) => methodSection(member, links, owner)));
  return ['## Methods', ['| Method | Parameters | Returns |', '|---|---|---|', ...rows].join('\n'), ...sections];
}

async function methodSection(member: Member, links: Links, owner: string): Promise<string> {
  const code = await Promise.all(member.signatures.map((signature) => formattedMember(signature.code)));
  const inherited = member.from === undefined ? [] : [`Inherited from ${links.comment(`{@link ${member.from}}`)}.`];
  return [
    `### ${asText(titleOf(member, owner))}`,
    codeBlock(code.join('\n')),
    links.comment(member.doc),
    ...inherited,
    ...signatureDetails(member.signatures, links, 4),
  ]
    .filter((piece) => piece !== '')
    .join('\n\n');
}

const label = ({ name, isOptional }: Parameter): string => `${name}${isOptional ? '?' : ''}`;

/** Parameters, return value and errors. Those of overloads are merged by name. */
function signatureDetails(signatures: readonly Signature[], links: Links, level: number): string[] {
  if (signatures.length === 0) return [];
  const heading = (text: string): string => (level === 2 ? `## ${text}` : `**${text}**`);
  const parameters = new Map<string, Parameter>();
  for (const parameter of signatures.flatMap((signature) => signature.parameters)) {
    const known = parameters.get(parameter.name);
    const type = known && known.type !== parameter.type ? `${known.type} | ${parameter.type}` : parameter.type;
    parameters.set(parameter.name, { ...parameter, type, doc: known?.doc || parameter.doc });
  }
  const returnTypes = [...new Set(signatures.map(({ returnType }) => returnType))].filter((type) => type !== '');
  const returns = signatures.find((signature) => signature.returns !== '')?.returns ?? '';
  const throws = [...new Set(signatures.flatMap((signature) => signature.throws))];
  const isWorthSaying = returns !== '' || returnTypes.some((type) => type !== 'void');
  const result = [returnTypes.map((type) => links.type(type)).join(' or '), links.comment(returns)];
  return [
    ...(parameters.size > 0 ? [heading('Parameters'), parameterTable([...parameters.values()], links)] : []),
    ...(isWorthSaying ? [heading('Returns'), result.filter((text) => text !== '').join(' — ')] : []),
    ...(throws.length > 0
      ? [heading('Throws'), throws.map((text) => `- ${cell(links.comment(text))}`).join('\n')]
      : []),
  ];
}

function parameterTable(parameters: readonly Parameter[], links: Links): string {
  const isDescribed = parameters.some(({ doc }) => doc !== '');
  const rows = parameters.map((parameter) => {
    const text = isDescribed ? ` ${cell(links.comment(parameter.doc))} |` : '';
    return `| <code>${asText(label(parameter))}</code> | ${links.type(parameter.type)} |${text}`;
  });
  const head = isDescribed ? ['| Name | Type | Description |', '|---|---|---|'] : ['| Name | Type |', '|---|---|'];
  return [...head, ...rows].join('\n');
}
