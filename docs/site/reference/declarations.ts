/** Exported declarations of the packages, read with the compiler from the `.d.ts` files that users get. */
import ts from 'typescript';
import type { Declared, Entry } from './declared.ts';
import { codeOf, commentOf, describeMembers, headOf, signatureOf } from './members.ts';
import { CORE, modulesOf, packageFolders } from './packages.ts';
import type { Module } from './packages.ts';

const KIND_ORDER: readonly Declared['kind'][] = ['function', 'constant', 'class', 'interface', 'type'];

let program: ts.Program | undefined;
const entries = new Map<string, readonly Entry[]>();

/** Returns every module of a package, with the symbols it exports. */
export function entriesOf(folder: string): readonly Entry[] {
  let found = entries.get(folder);
  if (!found) {
    found = modulesOf(folder).map((module) => ({ module: module.name, exports: exportsOf(module) }));
    entries.set(folder, found);
  }
  return found;
}

/** Returns a declaration of the package `fusewire`. */
export function declaration(name: string): Declared {
  const declared = entriesOf(CORE)
    .flatMap((entry) => entry.exports)
    .find((each) => each.name === name);
  if (!declared) throw new Error(`fusewire exports no ${name}`);
  return declared;
}

/** One program over all packages, so that the compiler reads shared declarations once. */
function compiled(): ts.Program {
  const files = packageFolders().flatMap((folder) => modulesOf(folder).map(({ file }) => file));
  program ??= ts.createProgram(files, { module: ts.ModuleKind.NodeNext, skipLibCheck: true });
  return program;
}

function exportsOf({ name: module, file, pages }: Module): Declared[] {
  const checker = compiled().getTypeChecker();
  const source = compiled().getSourceFile(file);
  const symbol = source && checker.getSymbolAtLocation(source);
  const described = (symbol ? checker.getExportsOfModule(symbol) : [])
    .map((each) => describe(each, resolve(each, checker), checker))
    .filter((declared) => declared !== undefined)
    .sort((one, other) => one.name.localeCompare(other.name) || order(one) - order(other));
  const names = fileNames(described);
  return described.map((declared) => ({ ...declared, module, page: `${pages}/${names.get(declared)}` }));
}

type Described = Omit<Declared, 'module' | 'page'>;

const order = ({ kind }: Described): number => KIND_ORDER.indexOf(kind);

/** Names pages such that no two differ only by case: `bulkhead` the function, `Bulkhead-class` the class. */
function fileNames(described: readonly Described[]): Map<Described, string> {
  const taken = new Set<string>();
  const names = new Map<Described, string>();
  for (const declared of described.toSorted((one, other) => order(one) - order(other))) {
    const { name, kind } = declared;
    const isTaken = taken.has(name.toLowerCase()) || name.toLowerCase() === 'index';
    names.set(declared, isTaken ? `${name}-${kind}` : name);
    taken.add(name.toLowerCase());
  }
  return names;
}

/** Whether a symbol is exported by `export type { … }`. */
function isTypeOnly({ declarations = [] }: ts.Symbol): boolean {
  return declarations.some((each) => ts.isExportSpecifier(each) && (each.isTypeOnly || each.parent.parent.isTypeOnly));
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function describe(exported: ts.Symbol, symbol: ts.Symbol, checker: ts.TypeChecker): Described | undefined {
  const { name } = exported;
  const nodes = symbol.declarations ?? [];
  const node = nodes[0];
  if (!node) return undefined;
  const code = nodes.map((each) => codeOf(statementOf(each))).join('\n');
  const isValue = (symbol.flags & ts.SymbolFlags.Value) !== 0 && !isTypeOnly(exported);
  const base = { name, isValue, doc: commentOf(symbol, checker), code, head: code, signatures: [], members: [] };
  if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
    const kind = ts.isClassDeclaration(node) ? 'class' : 'interface';
    return { ...base, kind, head: headOf(node), members: describeMembers(node, checker) };
  }
  if (ts.isFunctionDeclaration(node)) {
    const overloads = nodes.filter((each) => ts.isFunctionDeclaration(each));
    return { ...base, kind: 'function', signatures: overloads.map(signatureOf) };
  }
  if (ts.isTypeAliasDeclaration(node)) return { ...base, kind: 'type' };
  return { ...base, kind: 'constant' };
}

const statementOf = (node: ts.Node): ts.Node => (ts.isVariableDeclaration(node) ? node.parent.parent : node);
