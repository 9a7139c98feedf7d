/** The version of this package; the rules test holds it equal to both manifests. */
export const VERSION = "0.1.0";
