"""The networks: one file each. A network is a torch module built from its widths and depths."""
