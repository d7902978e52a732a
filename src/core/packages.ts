import type { Result } from "./errors.ts";

/** A package that isn't part of the installation. */
export interface OptionalPackage {
  readonly name: string;
  /** The exact version that was tested. */
  readonly version: string;
}

/** Loads its module, once. Fails with `package-missing`. */
export type PackageLoader = (wanted: OptionalPackage) => Promise<Result<unknown>>;
