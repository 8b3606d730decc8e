"""Where two images show the same place: rigid, affine and deformable, and how sure that is."""
