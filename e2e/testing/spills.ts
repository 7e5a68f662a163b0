import type { Page } from '@playwright/test'

/**
 * Words and drawings that are cut off without an ellipsis, or stand out of the box they belong to; a line each. What can be
 * scrolled to, or is hidden as a whole, is not cut.
 */
export function spills(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    // A pixel is the rounding of a font; a glyph's box is higher than its line.
    const [roundX, roundY] = [1.5, 4]
    const isBox = (style: CSSStyleDeclaration): boolean =>
      Number.parseFloat(style.borderRightWidth) > 0 || style.backgroundColor !== 'rgba(0, 0, 0, 0)'
    const named = (element: Element): string => `${element.tagName.toLowerCase()}.${element.className}`
    const found = new Set<string>()

    const look = (what: string, rect: DOMRect, from: Element | null): void => {
      for (let box = from; box && box !== document.body; box = box.parentElement) {
        const style = getComputedStyle(box)
        if (style.display === 'inline') continue
        const area = box.getBoundingClientRect()
        const outX = Math.max(rect.right - area.right, area.left - rect.left)
        const outY = Math.max(rect.bottom - area.bottom, area.top - rect.top)
        if (style.overflowX === 'visible') {
          if (outX > roundX && isBox(style)) found.add(`"${what}" stands ${Math.round(outX)} px out of ${named(box)}`)
          continue
        }
        if (style.overflowX !== 'hidden' && style.overflowX !== 'clip') return
        const isGone =
          rect.left >= area.right - roundX ||
          rect.right <= area.left + roundX ||
          rect.top >= area.bottom - roundY ||
          rect.bottom <= area.top + roundY
        if (isGone || (outX > roundX && style.textOverflow === 'ellipsis')) return
        if (outX > roundX || outY > roundY) found.add(`"${what}" is cut by ${named(box)}`)
      }
    }

    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const text = node.textContent?.trim()
      if (!text || node.parentElement?.closest('.xterm, .sr, script')) continue
      const range = document.createRange()
      range.selectNodeContents(node)
      for (const rect of range.getClientRects()) if (rect.width > 1) look(text.slice(0, 60), rect, node.parentElement)
    }
    for (const drawing of document.querySelectorAll('svg')) {
      const rect = drawing.getBoundingClientRect()
      if (rect.width > 0) look(drawing.getAttribute('aria-label') ?? 'a drawing', rect, drawing.parentElement)
    }
    return [...found]
  })
}
