/** What the packages declare, read with the compiler from the declarations that users get. */
import ts from 'typescript';
import { globSync } from 'node:fs';
import path from 'node:path';
import { at, exists, read } from '../repository.ts';

/** One exported name. */
export interface Declared {
  readonly name: string;
  readonly kind: 'class' | 'function' | 'interface' | 'type' | 'constant';
  readonly doc: string;
  /** The declaration as code, without comments. */
  readonly code: string;
  readonly members: readonly Member[];
}

export interface Member {
  readonly name: string;
  readonly doc: string;
  readonly code: string;
}

/** A module that a package gives. */
export interface Entry {
  /** What one imports. */
  readonly module: string;
  readonly exports: readonly Declared[];
}

interface Manifest {
  readonly name: string;
  readonly private?: boolean;
  readonly exports?: Readonly<Record<string, unknown>>;
}

const found = new Map<string, readonly Entry[]>();

/** Every module of a package under npm/. */
export function entriesOf(folder: string): readonly Entry[] {
  const known = found.get(folder);
  if (known) return known;
  const { name, exports = {} } = JSON.parse(read(`${folder}/package.json`)) as Manifest;
  const entries = Object.entries(exports).flatMap(([subpath, conditions]) => {
    const types = typesOf(conditions);
    const file = types?.replace('./', `${folder}/`);
    if (file === undefined || !exists(file)) return [];
    return [{ module: name + subpath.slice(1), exports: declaredIn(at(file)) }];
  });
  found.set(folder, entries);
  return entries;
}

/** The packages that are built. */
export function packageFolders(): string[] {
  return globSync('npm/{*,*/*}/package.json', { cwd: at(), exclude: (name) => name === 'node_modules' })
    .map((file) => path.dirname(file).replaceAll('\\', '/'))
    .filter((folder) => entriesOf(folder).length > 0)
    .sort(
      (one, other) => Number(other === 'npm/fusewire') - Number(one === 'npm/fusewire') || one.localeCompare(other),
    );
}

/** The declaration of a name of `fusewire`. */
export function declaration(name: string): Declared {
  const declared = entriesOf('npm/fusewire')
    .flatMap((entry) => entry.exports)
    .find((each) => each.name === name);
  if (!declared) throw new Error(`fusewire declares no ${name}`);
  return declared;
}

/** The first declarations that the conditions of an export lead to, those for `import` first. */
function typesOf(conditions: unknown): string | undefined {
  if (typeof conditions !== 'object' || conditions === null) return undefined;
  const { types, ...others } = conditions as Record<string, unknown>;
  if (typeof types === 'string') return types;
  return Object.values(others)
    .map(typesOf)
    .find((each) => each !== undefined);
}

function declaredIn(file: string): Declared[] {
  const program = ts.createProgram([file], { module: ts.ModuleKind.NodeNext, skipLibCheck: true });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const module = source && checker.getSymbolAtLocation(source);
  return (module ? checker.getExportsOfModule(module) : [])
    .map((symbol) => describe(symbol.name, resolve(symbol, checker), checker))
    .filter((declared) => declared !== undefined)
    .sort((one, other) => one.name.localeCompare(other.name));
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function describe(name: string, symbol: ts.Symbol, checker: ts.TypeChecker): Declared | undefined {
  const nodes = symbol.declarations ?? [];
  const node = nodes[0];
  if (!node) return undefined;
  const doc = documentation(symbol, checker);
  const code = nodes.map((each) => codeOf(statementOf(each))).join('\n');
  const base = { name, doc, code, members: [] };
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    const kind = ts.isClassDeclaration(node) ? 'class' : 'interface';
    return { ...base, kind, members: membersOf(node, checker) };
  }
  if (ts.isFunctionDeclaration(node)) return { ...base, kind: 'function' };
  if (ts.isTypeAliasDeclaration(node)) return { ...base, kind: 'type' };
  return { ...base, kind: 'constant' };
}

const statementOf = (node: ts.Node): ts.Node => (ts.isVariableDeclaration(node) ? node.parent.parent : node);

type Owner = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** What something has beyond what it extends: those that nobody can look up are told with it. */
function membersOf(node: Owner, checker: ts.TypeChecker): Member[] {
  const own = ownMembers(node, checker);
  const names = new Set(own.map(({ name }) => name));
  const hidden = (node.heritageClauses ?? [])
    .flatMap(({ types }) => types.flatMap((type) => checker.getTypeAtLocation(type).symbol?.declarations ?? []))
    .filter((base): base is Owner => ts.isClassDeclaration(base) || ts.isInterfaceDeclaration(base))
    .filter((base) => !/\/lib\.[\w.]+\.d\.ts$|\/node_modules\//.test(base.getSourceFile().fileName));
  const inherited = hidden.flatMap((base) => membersOf(base, checker));
  return [...own, ...inherited.filter(({ name }) => name !== 'constructor' && !names.has(name))];
}

function ownMembers(node: Owner, checker: ts.TypeChecker): Member[] {
  const isShown = (member: ts.Node): boolean =>
    !(ts.getCombinedModifierFlags(member as ts.Declaration) & ts.ModifierFlags.Private) &&
    !member.getText().startsWith('#');
  const members = (node.members as ts.NodeArray<ts.ClassElement | ts.TypeElement>).filter(isShown);
  return members.map((member) => {
    const symbol = member.name && checker.getSymbolAtLocation(member.name);
    return {
      name: member.name?.getText() ?? 'constructor',
      doc: symbol ? documentation(symbol, checker) : ownComment(member),
      code: codeOf(member),
    };
  });
}

/** The comment of something, with what its tags say. */
function documentation(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  const text = ts.displayPartsToString(symbol.getDocumentationComment(checker));
  const linked = links(text);
  const told = symbol.getJsDocTags(checker).flatMap(({ name, text: parts }) => {
    const said = links(ts.displayPartsToString(parts));
    if (name === 'throws') return [`Throws: ${said}`];
    if (name === 'typeParam' || name === 'param')
      return [`\`${said.split(' ')[0]}\`: ${said.split(' ').slice(1).join(' ')}`];
    return [];
  });
  return [linked, ...told].filter((part) => part !== '').join('\n\n');
}

function ownComment(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).map((comment) => ts.getTextOfJSDocComment(comment.comment) ?? '');
  return links(comments.join('\n'));
}

const links = (text: string): string =>
  text.replaceAll(/\{@link ([^}]+)\}/g, (_, name: string) => `\`${name.trim()}\``);

/** Code without its comments, and without what only the compiler needs. */
function codeOf(node: ts.Node): string {
  const whole = node.getText().replaceAll(/\/\*\*[^]*?\*\//g, '');
  const lines = whole.split('\n').map((line) => line.trimEnd());
  return lines
    .filter((line) => line.trim() !== '' && !/^\s*(#private;|private )/.test(line))
    .join('\n')
    .replace(/^export (declare )?/, '')
    .replaceAll(' | undefined;', ';');
}
