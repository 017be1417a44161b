"""How Tocsin is run: images, manifests, and the same topology without containers under `local`."""
