"""All components on one page, where Koi is developed."""
