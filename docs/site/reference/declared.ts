/** Descriptions of exported declarations. Comments still contain their `{@link …}` tags. */

/** One exported symbol. */
export interface Declared {
  readonly name: string;
  readonly kind: 'class' | 'function' | 'interface' | 'type' | 'constant';
  /** Whether it exists when a program runs. A class that is exported as a type does not. */
  readonly isValue: boolean;
  readonly doc: string;
  /** The whole declaration as code, without comments. */
  readonly code: string;
  /** The declaration as code; of a class or an interface only its first line. */
  readonly head: string;
  /** One signature for each overload of a function. */
  readonly signatures: readonly Signature[];
  /** Members of a class or an interface, inherited ones last. */
  readonly members: readonly Member[];
  /** Name of the module that exports the symbol. */
  readonly module: string;
  /** Name of the page that describes the symbol. */
  readonly page: string;
}

/** One member of a class or an interface. */
export interface Member {
  readonly name: string;
  readonly kind: 'constructor' | 'method' | 'property';
  readonly isStatic: boolean;
  /** True for a property or method declared with `?`. */
  readonly isOptional: boolean;
  readonly doc: string;
  /** Type of a property, without the `| undefined` that `?` already says. */
  readonly type: string;
  /** One signature for each overload of a method. */
  readonly signatures: readonly Signature[];
  readonly throws: readonly string[];
  /** Name of the class or interface that declares the member, if it is another one. */
  readonly from: string | undefined;
}

/** How a function or a method is called. */
export interface Signature {
  /** The signature as code, without `declare function`. */
  readonly code: string;
  readonly parameters: readonly Parameter[];
  readonly returnType: string;
  /** Text of `@returns`. */
  readonly returns: string;
  /** One text for each `@throws`. */
  readonly throws: readonly string[];
}

/** One parameter of a signature. */
export interface Parameter {
  /** Name, with `...` before a rest parameter. */
  readonly name: string;
  readonly isOptional: boolean;
  readonly type: string;
  /** Text of `@param`. */
  readonly doc: string;
}

/** One module of a package. */
export interface Entry {
  /** Specifier that one imports. */
  readonly module: string;
  readonly exports: readonly Declared[];
}
