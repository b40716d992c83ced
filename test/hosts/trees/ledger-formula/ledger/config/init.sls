include:
  - .file
  - .books
