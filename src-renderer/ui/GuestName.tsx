/** Guests are counted at the end of their names: so many characters of it stay in sight. */
const endLength = 8
/** A name up to this long is cut like any text. */
const plainLength = 20

/** A guest's name in the width there is: of a long one the middle gives way, since clones differ at the end. */
export function GuestName({ name }: { name: string }) {
  if (name.length <= plainLength) return name
  return (
    <>
      <span className="sr">{name}</span>
      <span className="long" aria-hidden="true">
        <span className="el">{name.slice(0, -endLength)}</span>
        <span>{name.slice(-endLength)}</span>
      </span>
    </>
  )
}
