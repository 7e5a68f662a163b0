import type { BootLook } from '../../src-shared/contract/guests'

/** The guest's own boot menu, as GRUB will show it. */
export function BootMenu({ look }: { look: BootLook }) {
  return (
    <ol className="menu-l" aria-label="Boot menu of the guest">
      {look.entries.map(({ title, kernel }) => (
        <li key={`${title.join(' > ')} ${kernel}`}>
          <span className="el" title={title.join(' > ')}>
            {title.at(-1)}
          </span>
          <span className="f3 xs mono el" title={kernel}>
            {kernel}
          </span>
        </li>
      ))}
    </ol>
  )
}
