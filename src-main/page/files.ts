import { extname, join, normalize, sep } from 'node:path'

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
}

/** The file of the built page in `folder` that a URL path means, or undefined when it is outside or of a kind we do not ship. */
export function resolvePageFile(folder: string, urlPath: string): { file: string; type: string } | undefined {
  let decoded: string
  try {
    decoded = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  if (decoded.includes('\0')) return undefined
  const root = normalize(folder)
  const file = normalize(join(root, decoded.endsWith('/') ? `${decoded}index.html` : decoded))
  const type = types[extname(file)]
  return type && file.startsWith(root.endsWith(sep) ? root : root + sep) ? { file, type } : undefined
}

/**
 * What the page may load, in both shells. Inline styles are allowed because xterm's DOM renderer writes its theme
 * into style elements; scripts, which are what matters, come from our own files only.
 */
export const pageHeaders: Readonly<Record<string, string>> = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
}
