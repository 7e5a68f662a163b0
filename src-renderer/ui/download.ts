/** Hands a text to the browser as a file to save. */
export function download(name: string, type: 'text/plain' | 'text/csv' | 'application/json', text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // After the click the browser has its own hold on it, but it may take it only with the next turn.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
