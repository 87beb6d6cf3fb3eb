"""Tesela: customer segmentation and activation for online shops."""
