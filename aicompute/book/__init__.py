"""The build: which pages, running them, staging, jupyter-book, and the swap.

``pages`` says which pages there are; ``notebook`` turns a chapter into a notebook with its
parameters; ``execute`` runs notebooks through papermill in the kernels of ``kernels``; ``record``
knows which pages are still good; ``stage`` turns executed notebooks into the site's sources, with
``drawing`` for the charts; ``site`` has jupyter-book make the site and swaps it in; ``build`` calls
them in turn.
"""
