/** Members and signatures of declarations, with their comments. */
import ts from 'typescript';
import type { Member, Parameter, Signature } from './declared.ts';

type Owner = ts.ClassDeclaration | ts.InterfaceDeclaration;

/** Declarations that the reader can look up elsewhere: those of the language and of other packages. */
const FOREIGN = /\/lib\.[\w.]+\.d\.ts$|\/node_modules\//;

/** Describes the members of a class or an interface, then those it inherits from declarations of the same repository. */
export function describeMembers(node: Owner, checker: ts.TypeChecker): Member[] {
  const own = ownMembers(node, checker);
  const names = new Set(own.map(({ name }) => name));
  const bases = (node.heritageClauses ?? [])
    .flatMap(({ types }) => types.flatMap((type) => checker.getTypeAtLocation(type).symbol?.declarations ?? []))
    .filter((base): base is Owner => ts.isClassDeclaration(base) || ts.isInterfaceDeclaration(base))
    .filter((base) => !FOREIGN.test(base.getSourceFile().fileName));
  const inherited = bases.flatMap((base) =>
    describeMembers(base, checker).map((member) => ({ ...member, from: member.from ?? base.name?.text })),
  );
  // The first base that declares a name wins, as in a class and the interface it merges with.
  const isNew = ({ name, kind }: Member): boolean => {
    if (kind === 'constructor' || names.has(name)) return false;
    names.add(name);
    return true;
  };
  return [...own, ...inherited.filter(isNew)];
}

function ownMembers(node: Owner, checker: ts.TypeChecker): Member[] {
  const isShown = (member: ts.Node): boolean =>
    !(ts.getCombinedModifierFlags(member as ts.Declaration) & ts.ModifierFlags.Private) &&
    !member.getText().startsWith('#') &&
    !ts.isSetAccessor(member);
  const shown = [...(node.members as ts.NodeArray<ts.ClassElement | ts.TypeElement>)].filter(isShown);
  const byName = Map.groupBy(shown, nameOf);
  return [...byName].map(([name, overloads]) => describeMember(name, overloads, checker));
}

function nameOf(member: ts.ClassElement | ts.TypeElement): string {
  if (ts.isConstructorDeclaration(member)) return 'constructor';
  if (ts.isCallSignatureDeclaration(member)) return '()';
  if (ts.isConstructSignatureDeclaration(member)) return 'new ()';
  if (ts.isIndexSignatureDeclaration(member)) return `[${member.parameters[0]?.getText()}]`;
  const name = member.name?.getText() ?? '';
  return name === '[DISPOSE]' ? '[Symbol.dispose]' : name;
}

function describeMember(
  name: string,
  overloads: readonly (ts.ClassElement | ts.TypeElement)[],
  checker: ts.TypeChecker,
): Member {
  const first = overloads[0] as ts.ClassElement | ts.TypeElement;
  const symbol = first.name && checker.getSymbolAtLocation(first.name);
  const callable = overloads.filter(isCallable);
  const isOptional = 'questionToken' in first && first.questionToken !== undefined;
  return {
    name,
    kind: ts.isConstructorDeclaration(first) ? 'constructor' : callable.length > 0 ? 'method' : 'property',
    isStatic: Boolean(ts.getCombinedModifierFlags(first) & ts.ModifierFlags.Static),
    isOptional,
    doc: symbol ? commentOf(symbol, checker) : ownComment(first),
    type: typeText((first as { type?: ts.TypeNode }).type ?? (first as ts.PropertyDeclaration).initializer, isOptional),
    signatures: callable.map((each) => ({ ...signatureOf(each), code: `${codeOf(each).replace('[DISPOSE]', name)}` })),
    throws: throwsOf(first),
    from: undefined,
  };
}

type Callable = ts.SignatureDeclaration;

function isCallable(node: ts.Node): node is Callable & (ts.ClassElement | ts.TypeElement) {
  return (
    ts.isMethodDeclaration(node) ||
    ts.isMethodSignature(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isCallSignatureDeclaration(node) ||
    ts.isConstructSignatureDeclaration(node)
  );
}

/** Describes one way of calling a function, method or constructor. */
export function signatureOf(node: Callable): Signature {
  return {
    code: codeOf(node).replace(/^function /, ''),
    parameters: node.parameters.filter((parameter) => parameter.name.getText() !== 'this').map(parameterOf),
    returnType: typeText(node.type, false),
    returns: textOf(ts.getJSDocReturnTag(node)),
    throws: throwsOf(node),
  };
}

function parameterOf(parameter: ts.ParameterDeclaration): Parameter {
  const isOptional = parameter.questionToken !== undefined;
  return {
    name: `${parameter.dotDotDotToken ? '...' : ''}${parameter.name.getText()}`,
    isOptional,
    type: typeText(parameter.type, isOptional),
    doc: ts.getJSDocParameterTags(parameter).map(textOf).join(' '),
  };
}

/** Returns a type as written; of an optional one without the `| undefined` that the compiler added. */
function typeText(node: ts.Node | undefined, isOptional: boolean): string {
  if (isOptional && node && ts.isUnionTypeNode(node)) {
    const others = node.types.filter(({ kind }) => kind !== ts.SyntaxKind.UndefinedKeyword);
    const [only] = others;
    if (others.length === 1 && only) return typeText(ts.isParenthesizedTypeNode(only) ? only.type : only, false);
    return others.map((type) => typeText(type, false)).join(' | ');
  }
  return (node?.getText() ?? '').replaceAll(/\/\*\*[^]*?\*\//g, '').replaceAll(/\s+/g, ' ');
}

/** Returns the comment of a symbol without its tags; an uncommented member has the comment of what it implements. */
export function commentOf(symbol: ts.Symbol, checker: ts.TypeChecker): string {
  return ts.displayPartsToString(symbol.getDocumentationComment(checker));
}

function ownComment(node: ts.Node): string {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  return comments.map(textOf).join('\n');
}

function throwsOf(node: ts.Node): string[] {
  return ts
    .getJSDocTags(node)
    .filter((tag): tag is ts.JSDocThrowsTag => ts.isJSDocThrowsTag(tag))
    .map((tag) => {
      const type = tag.typeExpression?.type.getText();
      return [...(type === undefined ? [] : [`{@link ${type}}`]), textOf(tag)].join(' ').trim();
    });
}

const textOf = (node: { comment?: ts.JSDocTag['comment'] } | undefined): string =>
  (ts.getTextOfJSDocComment(node?.comment) ?? '').replace(/^- /, '');

/** Returns code without its comments, and without the members that only the compiler needs. */
export function codeOf(node: ts.Node): string {
  const whole = node.getText().replaceAll(/\/\*\*[^]*?\*\//g, '');
  return whole
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '' && !/^\s*(#private;|private )/.test(line))
    .join('\n')
    .replace(/^export (default )?(declare )?/, '');
}

/** Returns the first line of a class or an interface: its name, type parameters and what it extends. */
export function headOf(node: Owner): string {
  const text = node.getText();
  const begin = node.members.pos - node.getStart();
  return text
    .slice(0, begin)
    .replaceAll(/\/\*\*[^]*?\*\//g, '')
    .replace(/^export (default )?(declare )?/, '')
    .replace(/\{\s*$/, '')
    .trim();
}
