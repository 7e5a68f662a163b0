/** Hands a text or a picture to the browser as a file to save. */
export function download(
  name: string,
  type: 'text/plain' | 'text/csv' | 'text/html' | 'application/json' | 'application/x-asciicast' | 'image/png',
  content: string | Blob,
): void {
  const url = URL.createObjectURL(new Blob([content], { type: typeof content === 'string' ? `${type};charset=utf-8` : type }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // After the click the browser has its own hold on it, but it may take it only with the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
