/**
 * Licences of packages that name none in their manifest, as read in their own licence files.
 * h5wasm: NIST's public-service notice for itself, the HDF Group's three clauses for the library inside.
 */
export const licencesRead: Readonly<Record<string, string>> = {
  h5wasm: "NIST-Software AND BSD-3-Clause",
};
