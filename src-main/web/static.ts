import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { resolvePageFile } from '../page/files'

/** Answers with one file of the built page, or 404. Names of built files hold a hash, so all but the page itself may be kept. */
export async function serveStatic(
  folder: string,
  urlPath: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const found = resolvePageFile(folder, urlPath)
  const size = found && (await fileSize(found.file))
  if (!found || size === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('Not found.\n')
    return
  }
  const cacheControl = urlPath.startsWith('/assets/') ? 'private, max-age=31536000, immutable' : 'no-store'
  response.writeHead(200, { 'Content-Type': found.type, 'Content-Length': size, 'Cache-Control': cacheControl })
  if (request.method === 'HEAD') {
    response.end()
    return
  }
  createReadStream(found.file)
    .on('error', () => response.destroy())
    .pipe(response)
}

async function fileSize(path: string): Promise<number | undefined> {
  try {
    const info = await stat(path)
    return info.isFile() ? info.size : undefined
  } catch {
    return undefined
  }
}
