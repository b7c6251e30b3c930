"""The commander's pages, the operator's form and the API of what is: it reads topics and appends acts."""
