/** Names in a piece of code. */
import ts from 'typescript';

const parse = (code: string, language = 'ts'): ts.SourceFile =>
  ts.createSourceFile(`code.${language.startsWith('j') ? 'mjs' : 'mts'}`, code, ts.ScriptTarget.Latest, true);

/** Returns the identifiers that a program uses, and those that it declares at its top level. */
export function namesIn(code: string, language: string): { used: Set<string>; declared: Set<string> } {
  const used = new Set<string>();
  const file = parse(code, language);
  const visit = (node: ts.Node): void => {
    const isMember = ts.isPropertyAccessExpression(node.parent) && node.parent.name === node;
    const isKey = ts.isPropertyAssignment(node.parent) && node.parent.name === node;
    if (ts.isIdentifier(node) && !isMember && !isKey) used.add(node.text);
    ts.forEachChild(node, visit);
  };
  ts.forEachChild(file, visit);
  return { used, declared: new Set(file.statements.flatMap(declaredBy)) };
}

/** Returns the names that a module exports. */
export function exportsOf(code: string): string[] {
  const isExported = (statement: ts.Statement): boolean =>
    ts.isExportDeclaration(statement) ||
    (ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword));
  return parse(code).statements.filter(isExported).flatMap(declaredBy);
}

/** Returns the parameters of the function `finish` of a context, which are variables of the block; undefined without `finish`. */
export function parametersOfFinish(code: string): string[] | undefined {
  const finish = parse(code).statements.find(
    (statement) => ts.isFunctionDeclaration(statement) && statement.name?.text === 'finish',
  ) as ts.FunctionDeclaration | undefined;
  if (!finish) return undefined;
  const pattern = finish.parameters[0]?.name;
  return pattern ? namesOf(pattern) : [];
}

function declaredBy(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) => namesOf(name));
  }
  if (ts.isImportDeclaration(statement)) {
    const { name, namedBindings } = statement.importClause ?? {};
    const bindings =
      namedBindings === undefined ? [] : ts.isNamespaceImport(namedBindings) ? [namedBindings] : namedBindings.elements;
    return [...(name ? [name.text] : []), ...bindings.map((binding) => binding.name.text)];
  }
  if (ts.isExportDeclaration(statement)) {
    const { exportClause } = statement;
    return exportClause && ts.isNamedExports(exportClause) ? exportClause.elements.map(({ name }) => name.text) : [];
  }
  const { name } = statement as Partial<ts.DeclarationStatement>;
  return name && ts.isIdentifier(name) ? [name.text] : [];
}

function namesOf(name: ts.BindingName): string[] {
  if (ts.isIdentifier(name)) return [name.text];
  return name.elements.flatMap((element) => (ts.isBindingElement(element) ? namesOf(element.name) : []));
}
