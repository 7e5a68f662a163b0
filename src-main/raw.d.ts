/** Shell scripts that run on dom0 travel inside the bundle as text. */
declare module '*?raw' {
  const text: string
  export default text
}
