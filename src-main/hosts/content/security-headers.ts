/** The headers of everything that a window or a browser is given, and its content security policy. */

/** Headers of every answer: isolated (which also gives WebAssembly its threads), never sniffed, never framed. */
export const baseHeaders: Readonly<Record<string, string>> = {
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
};

/**
 * The policy of pages. `connect` and `media` are the sources, besides the page's own origin, that calls and pictures
 * come from. Style attributes are allowed because components place things with them; inline scripts and styles are not.
 */
export function contentSecurityPolicy(sources: { connect: string; media: string }): string {
  return [
    "default-src 'none'",
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "style-src-attr 'unsafe-inline'",
    `img-src 'self' blob: data: ${sources.media}`.trim(),
    "font-src 'self'",
    `connect-src 'self' ${sources.connect}`.trim(),
    "worker-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
}

/** What a stored file may do when it is opened as a page of its own: nothing. */
export const inertPolicy = "default-src 'none'; style-src 'unsafe-inline'; sandbox";
