"""File formats, one a file: NIfTI, JSON sidecars, DICOM, BIDS, tables."""
